"""`footfall sites …`, `footfall keys …`, `footfall rejects …`: the commands and their options."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from footfall_cli.commands import Common, JsonOption, KeyOption, SiteOption, UrlOption, app, merged

if TYPE_CHECKING:
    from footfall_cli.client import Client

__all__ = ["app"]

sites = typer.Typer(help="Sites: list, show, add, set, remove.", no_args_is_help=True)
keys = typer.Typer(help="Keys of a site: list, add, revoke.", no_args_is_help=True)
app.add_typer(sites, name="sites")
app.add_typer(keys, name="keys")
rejects = typer.Typer(help="Events that were not taken: list, replay.", no_args_is_help=True)
app.add_typer(rejects, name="rejects")

SiteArgument = Annotated[str, typer.Argument(metavar="SITE", help="The site's id.")]
DomainOption = Annotated[
    list[str] | None,
    typer.Option("--domain", help="A host of its pages, subdomains included; may be repeated."),
]
ZoneOption = Annotated[
    str | None, typer.Option("--timezone", help="IANA name, such as Europe/Berlin.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A setting (consent=required, blocked_ips=203.0.113.0/24,2001:db8::1); nothing after = is the default.",
    ),
]
AllSitesOption = Annotated[
    bool, typer.Option("--all-sites", help="Keys of all sites instead of one's.")
]


PeriodOption = Annotated[
    str, typer.Option("--period", "-p", help="When they were received: today, 7d, 2026-03 …")
]
CodeOption = Annotated[str, typer.Option("--code", help="Only those refused for this reason.")]


@contextmanager
def _client(common: Common) -> "Iterator[Client]":
    from footfall_cli.client import Client

    settings = common.settings()
    with Client(settings.url, settings.need_api_key()) as client:
        yield client


def _site(common: Common, *, all_sites: bool = False) -> str | None:
    from footfall_cli.administering import ALL_SITES

    found = common.settings().site
    return ALL_SITES if all_sites else found.value if found else None


@sites.command("list")
def list_sites(
    context: typer.Context,
    url: UrlOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the sites that the key covers."""
    from footfall_cli import administering

    common = merged(context, url, key, None, as_json)
    with _client(common) as client:
        administering.list_sites(client, as_json=common.as_json)


@sites.command("show")
def show_site(
    context: typer.Context,
    site_id: SiteArgument,
    url: UrlOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a site and its settings."""
    from footfall_cli import administering

    common = merged(context, url, key, None, as_json)
    with _client(common) as client:
        administering.show_site(client, site_id, as_json=common.as_json)


@sites.command("add")
def add_site(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What people call it.")],
    site_id: Annotated[
        str | None, typer.Option("--id", help="Its id, for good (default: made of the name).")
    ] = None,
    domains: DomainOption = None,
    timezone: ZoneOption = None,
    settings: SetOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a site; its first two keys are shown this once."""
    from footfall_cli import administering

    common = merged(context, url, key, None, as_json)
    body = administering.body(name, domains, timezone, settings)
    body |= {"id": site_id} if site_id else {}
    with _client(common) as client:
        administering.add_site(client, body, as_json=common.as_json)


@sites.command("set")
def set_site(
    context: typer.Context,
    site_id: SiteArgument,
    name: Annotated[str | None, typer.Option("--name", help="What people call it.")] = None,
    domains: DomainOption = None,
    timezone: ZoneOption = None,
    settings: SetOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change what is named of a site; the domains that are given take the place of those there were."""
    from footfall_cli import administering

    common = merged(context, url, key, None, as_json)
    body = administering.body(name, domains, timezone, settings)
    with _client(common) as client:
        administering.change_site(client, site_id, body, as_json=common.as_json)


@sites.command("remove")
def remove_site(
    context: typer.Context,
    site_id: SiteArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: UrlOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a site: its keys stop at once, its data is removed by the next daily run."""
    from footfall_cli import administering

    common = merged(context, url, key, None, as_json)
    with _client(common) as client:
        administering.remove_site(client, site_id, is_sure=yes, as_json=common.as_json)


@keys.command("list")
def list_keys(
    context: typer.Context,
    all_sites: AllSitesOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """List a site's keys, revoked ones too; of secret ones the last four characters."""
    from footfall_cli import administering

    common = merged(context, url, key, site, as_json)
    named = _site(common, all_sites=all_sites)
    with _client(common) as client:
        administering.list_keys(client, named, as_json=common.as_json)


@keys.command("add")
def add_key(
    context: typer.Context,
    scope: Annotated[
        Literal["write", "server", "read", "admin"], typer.Argument(help="What it may do.")
    ],
    name: Annotated[str, typer.Option("--name", help="Who uses it.")] = "",
    all_sites: AllSitesOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key and print it, this once."""
    from footfall_cli import administering

    common = merged(context, url, key, site, as_json)
    named = _site(common, all_sites=all_sites)
    with _client(common) as client:
        administering.add_key(client, named, scope, name, as_json=common.as_json)


@keys.command("revoke")
def revoke_key(
    context: typer.Context,
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `footfall keys list` shows it.")],
    all_sites: AllSitesOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Revoke a key: it stops at once."""
    from footfall_cli import administering

    common = merged(context, url, key, site, as_json)
    named = _site(common, all_sites=all_sites)
    with _client(common) as client:
        administering.revoke_key(client, named, key_id, as_json=common.as_json)


@rejects.command("list")
def list_rejects(
    context: typer.Context,
    period: PeriodOption = "30d",
    code: CodeOption = "",
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show why events were not taken: how many, when last, and an example."""
    from footfall_cli import administering

    common = merged(context, url, key, site, as_json)
    chosen = administering.chosen(_site(common), period, code)
    with _client(common) as client:
        administering.list_rejects(client, chosen, as_json=common.as_json)


@rejects.command("replay")
def replay_rejects(
    context: typer.Context,
    period: PeriodOption = "30d",
    code: CodeOption = "",
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take events once more that were not taken, by the rules as they are now."""
    from footfall_cli import administering

    common = merged(context, url, key, site, as_json)
    chosen = administering.chosen(_site(common), period, code)
    with _client(common) as client:
        administering.replay_rejects(client, chosen, as_json=common.as_json)
