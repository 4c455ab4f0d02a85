"""template.yaml as CloudFormation gets it, for cfn-lint: `.venv-sam/bin/python tests/translated.py | cfn-lint -`.

Rules about queues, concurrency and permissions see only what SAM's transform makes, not what it is made of.
"""

import json
import logging
import sys
from pathlib import Path
from typing import Any

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[1]
PARAMETERS = {
    "StoreUrl": "https://footfall@clickhouse.example:8443/footfall",
    "StoreSecretArn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:store-a1b2c3",
    "WriteKey": "ffw_default_0123456789abcdef",
    "ApiKeySha256": "0" * 64,
    "VpcId": "vpc-0a1b2c3d",
    "SubnetIds": "subnet-0a1b2c3d,subnet-1a2b3c4d",
}


class NoManagedPolicies:
    """What the transform asks for the managed policies of an account; none are used."""

    def load(self) -> dict[str, str]:
        """None."""
        return {}


def translated() -> dict[str, Any]:
    """The template after SAM's transform, with code that has been uploaded. Raises what SAM finds wrong."""
    template = yaml_parse((ROOT / "template.yaml").read_text())
    for resource in template["Resources"].values():
        for name in ("CodeUri", "ContentUri"):
            if name in resource.get("Properties", {}):
                resource["Properties"][name] = {"Bucket": "artifacts", "Key": "code.zip"}
    defaults = {
        name: given["Default"]
        for name, given in template["Parameters"].items()
        if "Default" in given
    }
    plain: dict[str, Any] = transform(template, defaults | PARAMETERS, NoManagedPolicies())
    return plain


if __name__ == "__main__":
    # The translator tells that it looks for no managed policies.
    logging.disable(logging.INFO)
    json.dump(translated(), sys.stdout, indent=1, default=str)
