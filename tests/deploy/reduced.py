"""A resolved template as far as moto's CloudFormation goes: what it does not know is left out, and named by a text.

moto ignores resources of types it does not know, and then fails at the first GetAtt of one. It has no Fn::Cidr either.
"""

import re
from copy import deepcopy
from typing import Any

from moto.cloudformation.parsing import get_model_map


def reduced(template: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """A template (tests/translated.py, `resolved`) without what moto cannot make, and the types that were left out."""
    known = get_model_map()
    plain = deepcopy(template)
    resources: dict[str, Any] = plain["Resources"]
    # moto invokes the function of a custom resource in a container of its own.
    gone = {name for name, each in resources.items() if each["Type"] not in known}
    types = {resources.pop(name)["Type"] for name in gone}
    plain.pop("Outputs", None)
    for each in resources.values():
        depends = each.pop("DependsOn", [])
        kept = [d for d in ([depends] if isinstance(depends, str) else depends) if d not in gone]
        if kept:
            each["DependsOn"] = kept
    plain["Resources"] = _without(resources, gone)
    return plain, types


def _without(told: Any, gone: set[str]) -> Any:
    match told:
        case {"Ref": name} if name in gone:
            return f"no-{name}"
        case {"Fn::GetAtt": [name, *_]} if name in gone:
            return f"no-{name}"
        case {"Fn::Cidr": [_, int(count), _]}:
            return [f"10.87.0.{64 * number}/26" for number in range(count)]
        case dict():
            return {name: _without(value, gone) for name, value in told.items()}
        case list():
            return [_without(each, gone) for each in told]
        case str() if "${" in told:
            return {"Fn::Sub": _text(told, gone)}
    return told


def _text(text: str, gone: set[str]) -> str:
    return re.sub(r"\$\{(\w+)(\.\w+)*\}", lambda m: f"no-{m[1]}" if m[1] in gone else m[0], text)
