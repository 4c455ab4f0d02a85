"""template.yaml as CloudFormation gets it: `python tests/translated.py [NAME=VALUE …]` prints it for cfn-lint.

Rules about queues, concurrency and permissions see only what SAM's transform makes, not what it is made of.
`resolved` goes on to what a stack with these parameters would be told: conditions decided, parameters put in.
"""

import json
import logging
import os
import re
import sys
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[1]
PARAMETERS = {"StoreUrl": "https://footfall@clickhouse.example:8443/footfall"}
"""What has no default."""
VALUES = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "footfall",
    "AWS::StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/footfall/5b1c0b60",
    "AWS::URLSuffix": "amazonaws.com",
}
ABSENT = object()
"""What Ref AWS::NoValue stands for."""


class NoManagedPolicies:
    """What the transform asks for the managed policies of an account; none are used."""

    def load(self) -> dict[str, str]:
        """None."""
        return {}


def source() -> dict[str, Any]:
    """The template as it is written, short tags in their long form; a copy, to be changed as one likes."""
    return deepcopy(_parsed((ROOT / "template.yaml").read_text()))


@cache
def _parsed(text: str) -> dict[str, Any]:
    template: dict[str, Any] = yaml_parse(text)
    return template


def translated(
    template: Mapping[str, Any] | None = None, parameters: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A template (ours) after SAM's transform, with code that has been uploaded. Raises what SAM finds wrong."""
    given: dict[str, Any] = deepcopy(dict(template or source()))
    for resource in given["Resources"].values():
        for name in ("CodeUri", "ContentUri"):
            path = resource.get("Properties", {}).get(name)
            if isinstance(path, str) and not path.startswith("s3://"):
                resource["Properties"][name] = {"Bucket": "artifacts", "Key": f"{path}.zip"}
    values = {
        name: str(about["Default"])
        for name, about in given["Parameters"].items()
        if "Default" in about
    }
    # The transform takes the region from the environment alone.
    with patch.dict(os.environ, AWS_DEFAULT_REGION=VALUES["AWS::Region"]):
        plain: dict[str, Any] = transform(
            given, values | PARAMETERS | dict(parameters or {}), NoManagedPolicies()
        )
    return plain


def resolved(
    template: Mapping[str, Any] | None = None, parameters: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A translated template without what is not made under these parameters: conditions decided, parameters put in.

    References to resources stay what they are; Fn::Sub has them in its text as `${Name}`.
    """
    plain = translated(template, parameters)
    defaults = {
        name: about["Default"] for name, about in plain["Parameters"].items() if "Default" in about
    }
    values: dict[str, Any] = {**VALUES, **defaults, **PARAMETERS, **dict(parameters or {})}
    for name, about in plain["Parameters"].items():
        if about["Type"] == "CommaDelimitedList":
            values[name] = [part for part in str(values[name]).split(",") if part]
    is_true = _conditions(plain.get("Conditions", {}), values)
    found: dict[str, Any] = {}
    for section in ("Resources", "Outputs"):
        found[section] = {
            name: _decided({k: v for k, v in thing.items() if k != "Condition"}, values, is_true)
            for name, thing in plain[section].items()
            if "Condition" not in thing or is_true(thing["Condition"])
        }
    return found


def refused(parameters: Mapping[str, str]) -> list[str]:
    """Why CloudFormation would not begin with these parameters: patterns, ranges and Rules of the template."""
    given = source()
    values: dict[str, Any] = {
        name: str(about.get("Default", "")) for name, about in given["Parameters"].items()
    }
    values |= PARAMETERS | dict(parameters)
    found = [
        name
        for name, about in given["Parameters"].items()
        if not re.search(about.get("AllowedPattern", ""), values[name])
        or values[name] not in map(str, about.get("AllowedValues", [values[name]]))
        or not float(about.get("MinValue", "-inf"))
        <= (float(values[name]) if about["Type"] == "Number" else 0)
        <= float(about.get("MaxValue", "inf"))
    ]
    for name, about in given["Parameters"].items():
        if about["Type"] == "CommaDelimitedList":
            values[name] = values[name].split(",")
    rules = {
        f"{name}{number}": assertion["Assert"]
        for name, rule in given["Rules"].items()
        for number, assertion in enumerate(rule["Assertions"])
    }
    whens = {
        name: rule["RuleCondition"]
        for name, rule in given["Rules"].items()
        if "RuleCondition" in rule
    }
    is_true = _conditions(rules | whens, values)
    return found + [
        name
        for name, rule in given["Rules"].items()
        if (name not in whens or is_true(name))
        and not all(is_true(f"{name}{number}") for number in range(len(rule["Assertions"])))
    ]


def _conditions(conditions: Mapping[str, Any], values: Mapping[str, Any]) -> Callable[[str], bool]:
    def decide(told: Any) -> bool:
        match told:
            case {"Condition": name}:
                return decide(conditions[name])
            case {"Fn::Not": [inner]}:
                return not decide(inner)
            case {"Fn::And": inner}:
                return all(map(decide, inner))
            case {"Fn::Or": inner}:
                return any(map(decide, inner))
            case {"Fn::EachMemberEquals": [several, wanted]}:
                return all(one == wanted for one in _decided(several, values, is_true))
            case {"Fn::Equals": [left, right]}:
                one, other = (_decided(side, values, is_true) for side in (left, right))
                return str(one) == str(other)
        raise ValueError(f"no condition: {told}")

    def is_true(name: str) -> bool:
        return decide(conditions[name])

    return is_true


def _decided(told: Any, values: Mapping[str, Any], is_true: Callable[[str], bool]) -> Any:
    match told:
        case {"Ref": "AWS::NoValue"}:
            return ABSENT
        case {"Ref": name} if name in values:
            return values[name]
        case {"Fn::If": [name, one, other]}:
            return _decided(one if is_true(name) else other, values, is_true)
        case {"Fn::Sub": str(text)}:
            return _substituted(text, {}, values)
        case {"Fn::Sub": [text, own]}:
            return _substituted(text, _decided(own, values, is_true), values)
        case {"Fn::Join": [between, parts]}:
            decided = _decided(parts, values, is_true)
            if isinstance(decided, list) and all(isinstance(part, str) for part in decided):
                return between.join(decided)
            return {"Fn::Join": [between, decided]}
        case dict():
            pairs = ((name, _decided(value, values, is_true)) for name, value in told.items())
            return {name: value for name, value in pairs if value is not ABSENT}
        case list():
            return [
                value for each in told if (value := _decided(each, values, is_true)) is not ABSENT
            ]
    return told


def _substituted(text: str, own: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    for name, value in {**values, **own}.items():
        match value:
            case {"Ref": named}:
                told = "${" + named + "}"
            case {"Fn::GetAtt": parts}:
                told = "${" + ".".join(parts) + "}"
            case _:
                told = str(value)
        text = text.replace("${" + name + "}", told)
    return text


if __name__ == "__main__":
    # The translator tells that it looks for no managed policies.
    logging.disable(logging.INFO)
    chosen = dict(argument.split("=", 1) for argument in sys.argv[1:])
    json.dump(translated(None, chosen), sys.stdout, indent=1, default=str)
