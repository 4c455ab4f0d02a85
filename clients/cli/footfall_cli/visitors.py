"""The commands about one visitor: everything that is kept about them is written out, or erased for good."""

import json
import re
import sys
from typing import Annotated, Any

from footfall_cli import output
from footfall_cli.errors import UsageError
from footfall_cli.output import Moment
from footfall_cli.parameters import Argument, Option
from footfall_cli.target import Target

_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.~-]*")


VisitorId = Annotated[str, Argument("ID", "A userId or an anonymousId.")]


def erase(
    target: Target,
    visitor: VisitorId,
    yes: Annotated[bool, Option("--yes", "Do not ask.", short="-y")] = False,
) -> None:
    """Erase a visitor with all linked ids, for good.

    Prints the receipt, which names nobody.
    """
    path, query = _path(visitor)
    with target.client() as client:
        if not yes:
            _ask(f"Erase {visitor} with all linked ids, for good, at {client.url}? [y/N] ")
        answer = client.request("DELETE", path, query=query | {"site": target.site})
        receipt = client.checked(answer, UsageError)["receipt"]
    if target.as_json:
        print(answer.body.decode("utf-8", "replace").strip())
        return
    days = receipt["days"] or ["–", "–"]
    output.show(
        ["erased", "value"],
        [
            ["receipt", receipt["id"]],
            ["at", Moment(receipt["erased_at"])],
            ["events", receipt["events"]],
            ["devices", receipt["ids"]["actors"]],
            ["user ids", receipt["ids"]["users"]],
            ["first day", days[0]],
            ["last day", days[1]],
            ["retries refused until", Moment(receipt["refused_until"])],
        ],
    )


def export(target: Target, visitor: VisitorId) -> None:
    """Print all that is kept about a visitor, as JSON."""
    path, query = _path(visitor)
    whole: dict[str, Any] | None = None
    cursor: str | None = None
    with target.client() as client:
        while whole is None or cursor:
            asked = query | {"site": target.site, "cursor": cursor}
            page = client.checked(client.get(f"{path}/export", asked), UsageError)
            cursor = page["meta"].pop("next")
            if whole is None:
                whole = page
                continue
            whole["events"] += page["events"]
            output.say(f"{len(whole['events']):,} events so far")
            for name, ids in page["visitor"].items():
                if isinstance(ids, list):
                    whole["visitor"][name] = sorted({*whole["visitor"][name], *ids})
    output.say("")
    print(json.dumps(whole, indent=None if target.as_json else 2))


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
