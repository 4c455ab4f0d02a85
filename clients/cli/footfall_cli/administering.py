"""What the commands about sites, keys and rejects ask the server for, and how they show what it answers."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from footfall_cli import output
from footfall_cli.client import Client
from footfall_cli.errors import UsageError
from footfall_cli.output import Cell

ALL_SITES = "*"
LISTS = frozenset(
    {"allowed_origins", "blocked_ips", "blocked_paths", "allowed_query", "denied_properties"}
)
"""Settings that hold several values, written with commas."""


def list_sites(client: Client, *, as_json: bool) -> None:
    """Print the sites that the key covers. Raises UsageError for a wrong key, Unreachable."""
    answer = _call(client, "GET", "/sites")
    rows: list[Sequence[Cell]] = [
        [site["id"], site["name"], ", ".join(site["domains"]), site["timezone"]]
        for site in answer["sites"]
    ]
    _print(answer, ["site", "name", "domains", "timezone"], rows, as_json=as_json)


def show_site(client: Client, site_id: str, *, as_json: bool) -> None:
    """Print one site and its settings. Raises as `list_sites`."""
    answer = _call(client, "GET", _path(site_id))
    _print(answer, ["site", "value"], _site_rows(answer["site"]), as_json=as_json)


def add_site(client: Client, body: Mapping[str, Any], *, as_json: bool) -> None:
    """Make a site; print its first two keys, this once. Raises as `list_sites`, UsageError for what is refused."""
    answer = _call(client, "POST", "/sites", body)
    rows: list[Sequence[Cell]] = [
        ["id", answer["site"]["id"]],
        ["write key", answer["write_key"]],
        ["API key (shown this once)", answer["api_key"]],
    ]
    _print(answer, ["site", "value"], rows, as_json=as_json)


def change_site(client: Client, site_id: str, body: Mapping[str, Any], *, as_json: bool) -> None:
    """Change a site and print it. Raises as `add_site`."""
    if not body:
        raise UsageError("nothing to change: give --name, --domain, --timezone or --set")
    answer = _call(client, "PATCH", _path(site_id), body)
    _print(answer, ["site", "value"], _site_rows(answer["site"]), as_json=as_json)


def remove_site(client: Client, site_id: str, *, is_sure: bool, as_json: bool) -> None:
    """Delete a site with everything it holds. Raises as `add_site`, and UsageError when nobody agrees."""
    if not is_sure:
        _agree(f"Delete the site {site_id} with all its data, for good, at {client.url}?")
    answer = _call(client, "DELETE", _path(site_id))
    rows: list[Sequence[Cell]] = [[answer["deleted"], answer["message"]]]
    _print(answer, ["deleted", "what follows"], rows, as_json=as_json)


def list_keys(client: Client, site_id: str | None, *, as_json: bool) -> None:
    """Print the keys of a site. Raises as `list_sites`."""
    answer = _call(client, "GET", f"{_path(_site(client, site_id))}/keys")
    rows: list[Sequence[Cell]] = [
        [
            key["id"],
            key["scope"],
            key["name"],
            key.get("key") or f"…{key['hint']}",
            key["created_at"] or "",
            key["revoked_at"] or "",
        ]
        for key in answer["keys"]
    ]
    header = ["key", "scope", "name", "itself", "created", "revoked"]
    _print(answer, header, rows, as_json=as_json)


def add_key(client: Client, site_id: str | None, scope: str, name: str, *, as_json: bool) -> None:
    """Make a key and print it, this once. Raises as `add_site`."""
    path = f"{_path(_site(client, site_id))}/keys"
    answer = _call(client, "POST", path, {"scope": scope, "name": name})
    if as_json:
        print(json.dumps(answer))
    else:
        print(answer["key"])


def revoke_key(client: Client, site_id: str | None, key_id: str, *, as_json: bool) -> None:
    """Revoke a key. Raises as `add_site`."""
    path = f"{_path(_site(client, site_id))}/keys/{quote(key_id, safe='')}"
    answer = _call(client, "DELETE", path)
    key = answer["key"]
    rows: list[Sequence[Cell]] = [[key["id"], key["scope"], key["name"], key["revoked_at"]]]
    _print(answer, ["key", "scope", "name", "revoked"], rows, as_json=as_json)


def chosen(site_id: str | None, period: str, code: str) -> dict[str, str]:
    """Which rejects are meant, as the server takes it."""
    given = {"site": site_id or "", "period": period, "code": code}
    return {name: value for name, value in given.items() if value}


def list_rejects(client: Client, chosen: Mapping[str, str], *, as_json: bool) -> None:
    """Print why events were not taken. Raises as `add_site`."""
    answer = _call(client, "GET", f"/rejects?{urlencode(chosen)}")
    rows: list[Sequence[Cell]] = [
        [
            row["code"],
            row["count"],
            row["last"],
            row["example"]["message"],
            json.dumps(row["example"]["event"], ensure_ascii=False),
        ]
        for row in answer["data"]
    ]
    _print(answer, ["code", "events", "last", "message", "example"], rows, as_json=as_json)


def replay_rejects(client: Client, chosen: Mapping[str, str], *, as_json: bool) -> None:
    """Take rejects once more, until all were looked at, and print how many were. Raises as `add_site`."""
    accepted = 0
    while True:
        answer = _call(client, "POST", "/rejects/replay", chosen)
        accepted += answer["accepted"]
        if answer["complete"]:
            break
    answer["accepted"] = accepted
    rows: list[Sequence[Cell]] = [[accepted, answer["rejected"]]]
    _print(answer, ["accepted", "rejected again"], rows, as_json=as_json)


def body(
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


def _site(client: Client, site_id: str | None) -> str:
    """The site that is meant: the one named, else the key's only one, else the default site."""
    if site_id:
        return site_id
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
    answer: Mapping[str, Any],
    header: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    as_json: bool,
) -> None:
    if as_json:
        print(json.dumps(answer))
    else:
        output.show(header, rows)


def _agree(question: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError("this deletes for good: say --yes")
    print(f"{output.clean(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("nothing was deleted")
