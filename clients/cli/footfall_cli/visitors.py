"""The commands about one visitor: everything that is kept about them is written out, or erased for good."""

import json
import re
import sys
from typing import Any

from footfall_cli import output
from footfall_cli.client import Client
from footfall_cli.errors import UsageError

_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.~-]*")


def erase(
    client: Client, visitor_id: str, site: str | None, *, is_sure: bool, as_json: bool
) -> None:
    """Erase a visitor and print the receipt. Raises UsageError when nobody agrees, Unreachable."""
    if not is_sure:
        _ask(f"Erase {visitor_id} with all linked ids, for good, at {client.url}? [y/N] ")
    path, query = _path(visitor_id)
    answer = client.request("DELETE", path, query=query | {"site": site})
    receipt = client.checked(answer, UsageError)["receipt"]
    if as_json:
        print(answer.body.decode("utf-8", "replace").strip())
        return
    days = receipt["days"] or ["–", "–"]
    output.show(
        ["erased", "value"],
        [
            ["receipt", receipt["id"]],
            ["at", receipt["erased_at"]],
            ["events", receipt["events"]],
            ["devices", receipt["ids"]["actors"]],
            ["user ids", receipt["ids"]["users"]],
            ["first day", days[0]],
            ["last day", days[1]],
            ["retries refused until", receipt["refused_until"]],
        ],
    )


def export(client: Client, visitor_id: str, site: str | None, *, as_json: bool) -> None:
    """Print everything that is kept about a visitor as one JSON object. Raises UsageError, Unreachable."""
    path, query = _path(visitor_id)
    query |= {"site": site}
    whole: dict[str, Any] | None = None
    cursor: str | None = None
    while whole is None or cursor:
        page = client.checked(client.get(f"{path}/export", query | {"cursor": cursor}), UsageError)
        cursor = page["meta"].pop("next")
        if whole is None:
            whole = page
            continue
        whole["events"] += page["events"]
        for name, ids in page["visitor"].items():
            if isinstance(ids, list):
                whole["visitor"][name] = sorted({*whole["visitor"][name], *ids})
    print(json.dumps(whole, indent=None if as_json else 2))


def _path(visitor_id: str) -> tuple[str, dict[str, str | None]]:
    """How to name an id: in the path, or, where a gateway might take it apart, in the query."""
    if _PLAIN.fullmatch(visitor_id):
        return f"/visitors/{visitor_id}", {}
    return "/visitors/-", {"id": visitor_id}


def _ask(question: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError("this erases for good: say --yes")
    print(output.clean(question.rstrip()) + " ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("nothing was erased")
