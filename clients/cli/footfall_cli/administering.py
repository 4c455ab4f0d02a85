"""`footfall sites …`, `footfall keys …`, `footfall rejects …`."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from footfall_cli import output
from footfall_cli.client import Client
from footfall_cli.errors import UsageError
from footfall_cli.output import Cell, Moment
from footfall_cli.parameters import Argument, Option
from footfall_cli.target import Target
from footfall_cli.words import PERIODS

ALL_SITES = "*"
LISTS = frozenset(
    {"allowed_origins", "blocked_ips", "blocked_paths", "allowed_query", "denied_properties"}
)
"""Settings that hold several values, written with commas."""

SiteId = Annotated[str, Argument("SITE", "The site's id.")]
Domains = Annotated[
    list[str] | None,
    Option("--domain", "A host of its pages, subdomains included; may be repeated."),
]
Zone = Annotated[str | None, Option("--timezone", "IANA name, such as Europe/Berlin.")]
Set = Annotated[
    list[str] | None,
    Option(
        "--set",
        "A setting (consent=required, blocked_ips=203.0.113.0/24,2001:db8::1); nothing after = is the default.",
        metavar="NAME=VALUE",
    ),
]
Yes = Annotated[bool, Option("--yes", "Do not ask.", short="-y")]
AllSites = Annotated[bool, Option("--all-sites", "Keys of all sites instead of one's.")]
Period = Annotated[
    str,
    Option("--period", "When they were received: today, 7d, 2026-03 …", short="-p", words=PERIODS),
]
Code = Annotated[str, Option("--code", "Only those refused for this reason.")]


def list_sites(target: Target) -> None:
    """List the sites that the key covers."""
    with target.client() as client:
        answer = _call(client, "GET", "/sites")
    rows = [
        [site["id"], site["name"], ", ".join(site["domains"]), site["timezone"]]
        for site in answer["sites"]
    ]
    _print(target, answer, ["site", "name", "domains", "timezone"], rows)


def show_site(target: Target, site_id: SiteId) -> None:
    """Show a site and its settings."""
    with target.client() as client:
        answer = _call(client, "GET", _path(site_id))
    _print(target, answer, ["site", "value"], _site_rows(answer["site"]))


def add_site(
    target: Target,
    name: Annotated[str, Argument("NAME", "What people call it.")],
    site_id: Annotated[
        str | None, Option("--id", "Its id, for good (default: made of the name).")
    ] = None,
    domains: Domains = None,
    timezone: Zone = None,
    settings: Set = None,
) -> None:
    """Make a site; its keys are shown this once."""
    body = _body(name, domains, timezone, settings) | ({"id": site_id} if site_id else {})
    with target.client() as client:
        answer = _call(client, "POST", "/sites", body)
    rows = [
        ["id", answer["site"]["id"]],
        ["write key", answer["write_key"]],
        ["API key (shown this once)", answer["api_key"]],
    ]
    _print(target, answer, ["site", "value"], rows)


def set_site(
    target: Target,
    site_id: SiteId,
    name: Annotated[str | None, Option("--name", "What people call it.")] = None,
    domains: Domains = None,
    timezone: Zone = None,
    settings: Set = None,
) -> None:
    """Change what is named of a site.

    Domains that are given take the place of those there were.
    """
    body = _body(name, domains, timezone, settings)
    if not body:
        raise UsageError("nothing to change: give --name, --domain, --timezone or --set")
    with target.client() as client:
        answer = _call(client, "PATCH", _path(site_id), body)
    _print(target, answer, ["site", "value"], _site_rows(answer["site"]))


def remove_site(target: Target, site_id: SiteId, yes: Yes = False) -> None:
    """Delete a site with all its data.

    Its keys stop at once, its data is removed by the next daily run.
    """
    with target.client() as client:
        if not yes:
            _agree(f"Delete the site {site_id} with all its data, for good, at {client.url}?")
        answer = _call(client, "DELETE", _path(site_id))
    _print(target, answer, ["deleted", "what follows"], [[answer["deleted"], answer["message"]]])


def list_keys(target: Target, all_sites: AllSites = False) -> None:
    """List a site's keys, revoked ones too.

    Of secret ones the last four characters are shown.
    """
    with target.client() as client:
        answer = _call(client, "GET", f"{_path(_site(target, client, all_sites))}/keys")
    rows = [
        [
            key["id"],
            key["scope"],
            key["name"],
            key.get("key") or f"…{key['hint']}",
            Moment(key["created_at"] or ""),
            Moment(key["revoked_at"] or ""),
        ]
        for key in sorted(answer["keys"], key=_age)
    ]
    header = ["key", "scope", "name", "itself", "created", "revoked"]
    _print(target, answer, header, rows)


def _age(key: Mapping[str, Any]) -> tuple[str, str]:
    return key["created_at"] or "", key["scope"]


def add_key(
    target: Target,
    scope: Annotated[
        Literal["write", "server", "read", "admin"],
        Argument("SCOPE", "What it may do: write, server, read or admin."),
    ],
    name: Annotated[str, Option("--name", "Who uses it.")] = "",
    all_sites: AllSites = False,
) -> None:
    """Make a key and print it, this once."""
    with target.client() as client:
        path = f"{_path(_site(target, client, all_sites))}/keys"
        answer = _call(client, "POST", path, {"scope": scope, "name": name})
    if target.as_json:
        output.tell(answer)
    else:
        print(answer["key"])


def revoke_key(
    target: Target,
    key_id: Annotated[str, Argument("ID", "As `footfall keys list` shows it.")],
    all_sites: AllSites = False,
) -> None:
    """Revoke a key: it stops at once."""
    with target.client() as client:
        site = _site(target, client, all_sites)
        answer = _call(client, "DELETE", f"{_path(site)}/keys/{quote(key_id, safe='')}")
    key = answer["key"]
    rows = [[key["id"], key["scope"], key["name"], Moment(key["revoked_at"] or "")]]
    _print(target, answer, ["key", "scope", "name", "revoked"], rows)


def list_rejects(target: Target, period: Period = "30d", code: Code = "") -> None:
    """Show why events were not taken, with examples."""
    with target.client() as client:
        answer = _call(client, "GET", f"/rejects?{urlencode(_chosen(target, period, code))}")
    rows = [
        [
            row["code"],
            row["count"],
            Moment(row["last"]),
            row["example"]["message"],
            json.dumps(row["example"]["event"], ensure_ascii=False),
        ]
        for row in answer["data"]
    ]
    _print(target, answer, ["code", "events", "last", "message", "example"], rows)


def replay_rejects(target: Target, period: Period = "30d", code: Code = "") -> None:
    """Take events by the rules as they are now."""
    chosen = _chosen(target, period, code)
    accepted = 0
    with target.client() as client:
        while True:
            answer = _call(client, "POST", "/rejects/replay", chosen)
            accepted += answer["accepted"]
            if answer["complete"]:
                break
            output.say(f"{accepted:,} accepted so far")
    output.say("")
    answer["accepted"] = accepted
    rows = [[accepted, answer["rejected"]]]
    _print(target, answer, ["accepted", "rejected again"], rows)


def _chosen(target: Target, period: str, code: str) -> dict[str, str]:
    """Which rejects are meant, as the server takes it."""
    given = {"site": target.site or "", "period": period, "code": code}
    return {name: value for name, value in given.items() if value}


def _body(
    name: str | None,
    domains: Sequence[str] | None,
    timezone: str | None,
    settings: Iterable[str] | None,
) -> dict[str, Any]:
    """What a request says of a site; what is not given is left out. Raises UsageError."""
    given: dict[str, Any] = {"name": name, "timezone": timezone}
    # One empty domain takes all away.
    given["domains"] = None if not domains else [domain for domain in domains if domain]
    made = {field: value for field, value in given.items() if value is not None}
    if settings:
        made["settings"] = dict(_setting(text) for text in settings)
    return made


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--set takes NAME=VALUE, not {text}")
    if not value:
        return name, None
    if name in LISTS:
        return name, [item.strip() for item in value.split(",") if item.strip()]
    return name, int(value) if value.lstrip("-").isdecimal() else value


def _site(target: Target, client: Client, all_sites: bool) -> str:
    """The site that is meant: the one named, else the key's only one, else the default site."""
    if all_sites:
        return ALL_SITES
    if target.site:
        return target.site
    sites = _call(client, "GET", "/sites")["sites"]
    chosen = [site["id"] for site in sites if site["is_default"] or len(sites) == 1]
    if not chosen:
        raise UsageError("the key covers several sites: name one with --site")
    return str(chosen[0])


def _site_rows(site: Mapping[str, Any]) -> list[Sequence[Cell]]:
    rows: list[Sequence[Cell]] = [
        ["id", site["id"]],
        ["name", site["name"]],
        ["domains", ", ".join(site["domains"])],
        ["timezone", site["timezone"]],
    ]
    for name, value in site["settings"].items():
        rows.append([name, ", ".join(value) if isinstance(value, list) else str(value)])
    return rows


def _path(site_id: str) -> str:
    return f"/sites/{quote(site_id, safe='*')}"


def _call(
    client: Client, method: str, path: str, body: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    headers = {} if body is None else {"content-type": "application/json"}
    sent = None if body is None else json.dumps(body).encode()
    answer = client.request(method, path, body=sent, headers=headers)
    return client.checked(answer, UsageError)


def _print(
    target: Target,
    answer: Mapping[str, Any],
    header: Sequence[str],
    rows: Sequence[Sequence[Cell]],
) -> None:
    if target.as_json:
        output.tell(answer)
    else:
        output.show(header, rows, as_csv=target.as_csv)


def _agree(question: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError("this deletes for good: say --yes")
    print(f"{output.clean(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("nothing was deleted")
