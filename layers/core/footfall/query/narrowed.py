"""What a shared link reads: questions under its fixed filters, which whoever asks can only narrow."""

import json
from collections.abc import Mapping
from typing import Any


def narrowed_parameters(parameters: Mapping[str, str], fixed: str) -> dict[str, str]:
    """Parameters under fixed filters (a JSON list) as well as those that were sent.

    What was sent as filters and is no list is left as it is: who reads the question refuses it.
    """
    try:
        sent = json.loads(parameters.get("filters") or "[]")
        if not isinstance(sent, list):
            return dict(parameters)
        return {**parameters, "filters": json.dumps(_both(json.loads(fixed), sent))}
    except (ValueError, RecursionError):
        return dict(parameters)


def narrowed_queries(body: Any, fixed: str) -> Any:
    """A query of POST /query, or a list of them, each under fixed filters as well as its own.

    What is no query, or has filters that are no list, is left as it is: who reads it refuses it.
    """
    if isinstance(body, list):
        return [narrowed_queries(each, fixed) if isinstance(each, dict) else each for each in body]
    if not isinstance(body, dict):
        return body
    sent = body.get("filters")
    if sent is not None and not isinstance(sent, list):
        return body
    return body | {"filters": _both(json.loads(fixed), sent or [])}


def _both(fixed: list[Any], sent: list[Any]) -> list[Any]:
    """Each as one filter of a list that must all hold: whatever is in the one, nothing of it reaches into the other."""
    return [_one(filters) for filters in (fixed, sent) if filters]


def _one(filters: list[Any]) -> list[Any]:
    return filters if isinstance(filters[0], str) else ["and", filters]
