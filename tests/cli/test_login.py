"""`footfall login`: a stack's outputs and secret become the user's config file. AWS is moto's."""

import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from footfall_cli.errors import CliError, Unreachable, UsageError
from footfall_cli.login import login
from footfall_cli.settings import find

KEYS = {"site": "default", "write_key": "ffw_default_x", "api_key": "ffa_x", "api_key_version": 1}
COMMON: Any = SimpleNamespace(as_json=False)
REGION = "eu-central-1"


def template(secret: object, **outputs: str) -> str:
    return json.dumps(
        {
            "Resources": {
                "Topic": {"Type": "AWS::SNS::Topic"},
            },
            "Outputs": {
                "ApiUrl": {"Value": "https://abc.execute-api.example/"},
                "ApiKeySecretArn": {"Value": secret},
            }
            | {name: {"Value": value} for name, value in outputs.items()},
        }
    )


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """An account with a stack `footfall`, no aws command, and a home of its own."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with mock_aws():
        secrets = boto3.client("secretsmanager", REGION)
        arn = secrets.create_secret(Name="keys", SecretString=json.dumps(KEYS))["ARN"]
        stacks = boto3.client("cloudformation", REGION)
        stacks.create_stack(StackName="footfall", TemplateBody=template(arn))
        yield SimpleNamespace(secrets=secrets, stacks=stacks, arn=arn)


def test_a_stack_that_is_there_is_logged_in_to(aws: Any, tmp_path: Path, capsys: Any):
    login(COMMON, "footfall", REGION)

    path = tmp_path / "config" / "footfall" / "config.json"
    assert json.loads(path.read_text()) == {
        "url": "https://abc.execute-api.example",
        "site": "default",
        "api_key": "ffa_x",
        "write_key": "ffw_default_x",
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = capsys.readouterr().out
    assert "https://abc.execute-api.example" in told
    assert "ffa_x" not in told
    # Every other command finds it there.
    settings = find({}, os.environ, str(tmp_path), str(tmp_path))
    assert settings.url.value == "https://abc.execute-api.example"
    assert settings.need_api_key().value == "ffa_x"


def test_logging_in_again_leaves_the_latest_and_nothing_else(aws: Any, tmp_path: Path):
    login(COMMON, "footfall", REGION)
    aws.secrets.put_secret_value(SecretId=aws.arn, SecretString=json.dumps(KEYS | {"api_key": "n"}))
    login(COMMON, "footfall", REGION)
    (path,) = (tmp_path / "config" / "footfall").iterdir()
    assert json.loads(path.read_text())["api_key"] == "n"


def test_a_stack_that_is_not_there_is_an_error_that_says_so(aws: Any):
    with pytest.raises(UsageError, match="does not exist; check the name"):
        login(COMMON, "other", REGION)


def test_another_products_stack_is_an_error_that_names_what_it_lacks(aws: Any):
    body = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    aws.stacks.create_stack(StackName="other", TemplateBody=json.dumps(body))
    with pytest.raises(UsageError, match="ApiUrl and ApiKeySecretArn: it is no Footfall"):
        login(COMMON, "other", REGION)


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"site": "default"}'])
def test_a_secret_without_keys_is_an_error(aws: Any, text: str):
    aws.secrets.put_secret_value(SecretId=aws.arn, SecretString=text or " ")
    with pytest.raises(UsageError, match="does not hold the keys"):
        login(COMMON, "footfall", REGION)


def test_a_file_that_cannot_be_written_is_an_error(aws: Any, tmp_path: Path):
    (tmp_path / "config").write_text("a file")
    with pytest.raises(UsageError, match="cannot be written"):
        login(COMMON, "footfall", REGION)


def test_without_credentials_the_error_says_what_to_do(aws: Any, monkeypatch: pytest.MonkeyPatch):
    def nobody(*_: object, **__: object) -> object:
        from botocore.exceptions import NoCredentialsError

        raise NoCredentialsError

    monkeypatch.setattr(boto3.Session, "client", nobody)
    with pytest.raises(UsageError, match="log in to AWS first"):
        login(COMMON, "footfall", REGION)


def test_without_the_aws_command_and_boto3_the_error_names_both(
    aws: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(UsageError, match=r"the aws command or by boto3.*pip install boto3"):
        login(COMMON, "footfall", REGION)


@pytest.fixture
def command(aws: Any, tmp_path: Path) -> Path:
    """An `aws` command that answers as AWS's does, and notes how it was called."""
    stacks = {
        "Stacks": [
            {
                "Outputs": [
                    {"OutputKey": "ApiUrl", "OutputValue": "https://by.command"},
                    {"OutputKey": "ApiKeySecretArn", "OutputValue": "arn:x"},
                ]
            }
        ]
    }
    secret = {"SecretString": json.dumps(KEYS)}
    path = tmp_path / "aws"
    path.write_text(
        f"""#!{sys.executable}
import sys
if "--version" in sys.argv:
    sys.exit()
print(*sys.argv[1:], file=open({str(tmp_path / "calls")!r}, "a"))
if "wrong" in sys.argv:
    sys.exit("\\nAn error occurred (AccessDenied): no")
if "broken" in sys.argv:
    sys.exit("Could not connect to the endpoint URL")
print({json.dumps(stacks)!r} if "describe-stacks" in sys.argv else {json.dumps(secret)!r})
"""
    )
    path.chmod(0o700)
    return tmp_path / "calls"


def test_the_aws_command_is_asked_where_it_is(command: Path, tmp_path: Path):
    login(COMMON, "footfall", "eu-west-1", "work")
    kept = json.loads((tmp_path / "config" / "footfall" / "config.json").read_text())
    assert (kept["url"], kept["api_key"]) == ("https://by.command", "ffa_x")
    where = "--region eu-west-1 --profile work --output json"
    assert command.read_text().splitlines() == [
        f"cloudformation describe-stacks --stack-name footfall {where}",
        f"secretsmanager get-secret-value --secret-id arn:x {where}",
    ]


def test_an_aws_command_that_does_not_work_is_left_alone(aws: Any, tmp_path: Path):
    (tmp_path / "aws").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "aws").chmod(0o700)
    login(COMMON, "footfall", REGION)
    assert (tmp_path / "config" / "footfall" / "config.json").is_file()


@pytest.mark.parametrize(
    ("stack", "kind", "message"),
    [("wrong", UsageError, "DescribeStacks"), ("broken", Unreachable, "Could not connect")],
)
def test_what_the_aws_command_says_is_told(
    command: Path, stack: str, kind: type[CliError], message: str
):
    with pytest.raises(kind, match=message):
        login(COMMON, stack)
