"""What CloudFormation takes and refuses before it makes anything: a wrong parameter costs no deployment."""

import re
from pathlib import Path

import pytest

from tests.translated import refused

MAKEFILE = Path(__file__).parents[2] / "Makefile"
VPC = {"VpcId": "vpc-0a1b2c3d", "SubnetIds": "subnet-0a1b2c3d,subnet-1a2b3c4d"}
SECRET = {"StoreSecretArn": "arn:aws:secretsmanager:eu-central-1:1:secret:s"}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"StorePassword": "-"},
        {"StorePassword": "-", **SECRET},
        {"StorePassword": "hunter2"},
        {"StoreUrl": "http://clickhouse.example"},
        {"StoreIsPrivate": "true", **VPC},
        {"CountersUrl": "rediss://valkey.example:6379", **VPC},
        *({"RetentionDays": days} for days in ("0", "30", "99", "365", "9999", "36500")),
    ],
    ids=str,
)
def test_what_can_be_deployed_is_taken(given: dict[str, str]):
    assert refused(given) == []


@pytest.mark.parametrize(
    ("given", "by"),
    [
        ({"StoreUrl": ""}, "StoreUrl"),
        ({"StoreUrl": "https://footfall:hunter2@clickhouse.example/footfall"}, "StoreUrl"),
        ({"StorePassword": "hunter2", **SECRET}, "StorePasswordIsSaidOnce"),
        ({"CountersUrl": "rediss://user:hunter2@valkey.example", **VPC}, "CountersUrl"),
        ({"CountersUrl": "rediss://valkey.example:6379"}, "CountersHaveVpc"),
        ({"StoreIsPrivate": "true"}, "PrivateStoreHasVpc"),
        ({"VpcId": VPC["VpcId"]}, "VpcHasSubnets"),
        ({"DomainName": "stats.example.com"}, "DomainHasCertificate"),
        *(({"RetentionDays": days}, "RetentionDays") for days in ("1", "10", "29", "36501", "-1", "030")),
    ],
    ids=str,
)  # fmt: skip
def test_what_could_not_be_deployed_is_refused_at_once(given: dict[str, str], by: str):
    assert refused(given) == [by]


def test_no_command_that_is_told_parameters_prints_them():
    lines = re.findall(r"^\t(.*\$\(PARAMETERS\).*)$", MAKEFILE.read_text(), re.MULTILINE)

    assert lines
    assert [line for line in lines if not line.startswith("@")] == []
