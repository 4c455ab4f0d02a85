"""The commands and their options. What a command needs is imported when it runs: `--help` must not wait for it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from footfall_cli import __version__

if TYPE_CHECKING:
    from footfall_cli.settings import Settings

app = typer.Typer(
    name="footfall",
    help="Web analytics on the command line: put logs in, send events, read numbers.",
    epilog="Exit codes: 0 done, 1 refused or different, 2 wrong usage or key, 3 cannot reach the server.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url", help="Where Footfall is; else FOOTFALL_URL, .footfall/keys.json, config file."
    ),
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key",
        help="The key; else FOOTFALL_API_KEY (FOOTFALL_WRITE_KEY), .footfall/keys.json, config file.",
    ),
]
SiteOption = Annotated[
    str | None,
    typer.Option("--site", help="The site; else FOOTFALL_SITE, .footfall/keys.json, config file."),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object instead of a table.")
]

PeriodOption = Annotated[
    str | None,
    typer.Option(
        "--period",
        help="today, yesterday, 24h, 7d, 30d, 12mo, all, 2015-05, 2015-05-17 … (default: 30d).",
    ),
]
StartOption = Annotated[
    str | None, typer.Option("--start", help="First day or moment, instead of --period.")
]
EndOption = Annotated[
    str | None, typer.Option("--end", help="The day or moment before which to stop.")
]
ZoneOption = Annotated[
    str | None, typer.Option("--timezone", help="IANA name (default: the site's).")
]
FiltersOption = Annotated[
    str | None, typer.Option("--filters", help="""JSON, such as '["is","country",["DE"]]'.""")
]
BotsOption = Annotated[
    str | None, typer.Option("--bots", help="exclude (default), include or only.")
]
CompareOption = Annotated[
    str | None, typer.Option("--compare", help="previous (default), year, none or start..end.")
]
VisitorOption = Annotated[
    str | None,
    typer.Option(
        "--anonymous-id",
        help="The visitor (without --user-id: footfall-cli).",
    ),
]
UserOption = Annotated[str | None, typer.Option("--user-id", help="The user's userId.")]
IdOption = Annotated[
    str | None,
    typer.Option(
        "--event-id", help="The event's id; the same id counts once (default: a new one)."
    ),
]
TimeOption = Annotated[
    str | None, typer.Option("--timestamp", help="The event's time, ISO 8601 (default: now).")
]

FromOption = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="The first day, in the site's zone.")
]
ToOption = Annotated[
    str | None, typer.Option("--to", metavar="DATE", help="The day before which to stop.")
]


@dataclass(frozen=True, slots=True)
class Common:
    """The options that may stand before the command, too."""

    url: str | None = None
    key: str | None = None
    site: str | None = None
    as_json: bool = False

    def settings(self) -> "Settings":
        """Where to and as whom. Raises UsageError."""
        from footfall_cli import settings

        options = {"url": self.url, "key": self.key, "site": self.site}
        return settings.find(options, os.environ, Path.cwd(), Path.home())


def _say_version(asked: bool) -> None:
    if asked:
        print(f"footfall {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    context: typer.Context,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=_say_version),
    ] = False,
) -> None:
    context.obj = Common(url, key, site, as_json)


def merged(
    context: typer.Context, url: str | None, key: str | None, site: str | None, as_json: bool
) -> Common:
    """The options of a command, and of those it lacks the ones that stood before it."""
    before: Common = context.obj
    return Common(
        url or before.url, key or before.key, site or before.site, as_json or before.as_json
    )


@app.command("import")
def import_(
    context: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="Files, plain or gzip; - is stdin.", show_default=False
        ),
    ],
    format_: Annotated[
        Literal["combined", "jsonl", "csv"] | None,
        typer.Option(
            "--format",
            help="What the files are (default: told from each file's name and first lines).",
        ),
    ] = None,
    requests: Annotated[
        bool,
        typer.Option(
            "--requests",
            help="Keep what an access log holds besides pages seen (assets, errors, other methods), as events named "
            "request with the properties method, status, bytes. Pages seen stay pageviews and nothing else. These "
            "events are activity: they count in events, visitors and sessions.",
        ),
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Return when everything can be queried.")
    ] = False,
    wait_seconds: Annotated[
        float,
        typer.Option("--wait-timeout", min=0, metavar="SECONDS", help="How long --wait waits."),
    ] = 600.0,
    give_up_seconds: Annotated[
        float,
        typer.Option(
            "--give-up",
            min=0,
            metavar="SECONDS",
            help="How long to try again while the server is away.",
        ),
    ] = 180.0,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import access logs (Apache, Nginx: combined), JSON lines or CSV.

    Pages seen become pageviews at the log's own times. Importing a file again changes nothing, also after it has grown,
    was rotated or packed.
    """
    from footfall_cli.importing.run import Options, import_files

    common = merged(context, url, key, site, as_json)
    options = Options(format_, requests, wait, wait_seconds, give_up_seconds, common.as_json)
    code = import_files(files, options, common.settings())
    if code:
        raise typer.Exit(code)


@app.command()
def health(
    context: typer.Context,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show whether events can be accepted, and what waits to be stored."""
    _ask(merged(context, url, key, site, as_json), "/health", {}, needs_key=False)


@app.command()
def metrics(
    context: typer.Context,
    names: Annotated[
        str | None,
        typer.Option("--metrics", help="Comma list (default: pageviews,visitors,sessions)."),
    ] = None,
    period: PeriodOption = None,
    start: StartOption = None,
    end: EndOption = None,
    timezone: ZoneOption = None,
    filters: FiltersOption = None,
    compare: CompareOption = None,
    bots: BotsOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the numbers of a period and of the one before."""
    query = _question(period, start, end, timezone, filters, bots)
    query |= {"metrics": names, "compare": compare}
    _ask(merged(context, url, key, site, as_json), "/metrics", query)


@app.command()
def timeseries(
    context: typer.Context,
    metric: Annotated[
        str | None, typer.Option("--metric", help="What to count (default: pageviews).")
    ] = None,
    interval: Annotated[
        str | None, typer.Option("--interval", help="minute, hour, day (default), week or month.")
    ] = None,
    period: PeriodOption = None,
    start: StartOption = None,
    end: EndOption = None,
    timezone: ZoneOption = None,
    filters: FiltersOption = None,
    bots: BotsOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a metric over time."""
    query = _question(period, start, end, timezone, filters, bots)
    query |= {"metric": metric, "interval": interval}
    _ask(merged(context, url, key, site, as_json), "/timeseries", query)


@app.command()
def breakdown(
    context: typer.Context,
    dimension: Annotated[
        str, typer.Argument(help="page, source, country, device, event, props:plan …")
    ],
    metric: Annotated[
        str | None,
        typer.Option(
            "--metric", help="What to count (default: pageviews; events for event and props)."
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", help="How many rows (default: 10).")
    ] = None,
    offset: Annotated[
        int | None, typer.Option("--offset", help="How many rows to leave out first.")
    ] = None,
    period: PeriodOption = None,
    start: StartOption = None,
    end: EndOption = None,
    timezone: ZoneOption = None,
    filters: FiltersOption = None,
    bots: BotsOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the most frequent values of a dimension."""
    query = _question(period, start, end, timezone, filters, bots)
    query |= {"dimension": dimension, "metric": metric}
    query |= {
        "limit": None if limit is None else str(limit),
        "offset": None if offset is None else str(offset),
    }
    _ask(merged(context, url, key, site, as_json), "/breakdown", query)


@app.command()
def query(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="JSON: a query or a list of queries; - is stdin."),
    ],
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer the queries of a file: any metrics by any dimensions, over time, compared.

    Such as {"metrics":["visitors"],"dimensions":["country"],"date_range":"7d"}; the API's documentation says the rest.
    """
    from footfall_cli import reading
    from footfall_cli.client import Client

    common = merged(context, url, key, site, as_json)
    settings = common.settings()
    named = settings.site.value if settings.site else None
    body = reading.read(file)
    with Client(settings.url, settings.need_api_key()) as client:
        if not reading.query(client, body, named, as_json=common.as_json):
            raise typer.Exit(1)


@app.command()
def values(
    context: typer.Context,
    dimension: Annotated[
        str, typer.Argument(help="page, source, country, device, event, props:plan …")
    ],
    search: Annotated[
        str | None, typer.Option("--search", help="Only values that contain this, in any case.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", help="How many values (default: 100).")
    ] = None,
    period: PeriodOption = None,
    start: StartOption = None,
    end: EndOption = None,
    timezone: ZoneOption = None,
    filters: FiltersOption = None,
    bots: BotsOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the values of a dimension that occur."""
    asked = _question(period, start, end, timezone, filters, bots)
    asked |= {"dimension": dimension, "search": search}
    asked |= {"limit": None if limit is None else str(limit)}
    _ask(merged(context, url, key, site, as_json), "/values", asked)


@app.command()
def properties(
    context: typer.Context,
    event: Annotated[
        str | None, typer.Argument(help="The event's name (default: every event's).")
    ] = None,
    period: PeriodOption = None,
    start: StartOption = None,
    end: EndOption = None,
    timezone: ZoneOption = None,
    filters: FiltersOption = None,
    bots: BotsOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which properties events have, and what their values look like."""
    asked = _question(period, start, end, timezone, filters, bots) | {"event": event}
    _ask(merged(context, url, key, site, as_json), "/properties", asked)


@app.command()
def realtime(
    context: typer.Context,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who is there now."""
    _ask(merged(context, url, key, site, as_json), "/realtime", {})


@app.command()
def daily(
    context: typer.Context,
    date: Annotated[
        str | None, typer.Argument(help="The day, such as 2015-05-17 (default: today).")
    ] = None,
    timezone: ZoneOption = None,
    bots: BotsOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a day's pageviews, visitors and events by name."""
    query = {"date": date, "timezone": timezone, "bots": bots}
    _ask(merged(context, url, key, site, as_json), "/daily", query)


@app.command()
def pageview(
    context: typer.Context,
    page: Annotated[str, typer.Argument(help="A path or a whole URL.")],
    title: Annotated[str | None, typer.Option("--title")] = None,
    referrer: Annotated[
        str | None, typer.Option("--referrer", help="The URL of the page before.")
    ] = None,
    anonymous_id: VisitorOption = None,
    user_id: UserOption = None,
    event_id: IdOption = None,
    timestamp: TimeOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a pageview."""
    from footfall_cli import sending

    event = {
        "page": sending.page(page, title, referrer),
        "anonymousId": anonymous_id,
        "userId": user_id,
    }
    event |= {"eventId": event_id, "timestamp": timestamp}
    _send(merged(context, url, key, site, as_json), "pageview", event)


@app.command()
def track(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The event's name.")],
    properties: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME=VALUE]...", help="Its properties.", show_default=False),
    ] = None,
    page: Annotated[
        str | None, typer.Option("--page", help="Where it happened: a path or a whole URL.")
    ] = None,
    anonymous_id: VisitorOption = None,
    user_id: UserOption = None,
    event_id: IdOption = None,
    timestamp: TimeOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send an event of your own."""
    from footfall_cli import sending

    event = {
        "event": {"name": name, "properties": sending.properties(properties or [])},
        "page": sending.page(page) if page else None,
        "anonymousId": anonymous_id,
        "userId": user_id,
        "eventId": event_id,
        "timestamp": timestamp,
    }
    _send(merged(context, url, key, site, as_json), "track", event)


@app.command()
def erase(
    context: typer.Context,
    visitor: Annotated[str, typer.Argument(metavar="ID", help="A userId or an anonymousId.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase a visitor with all linked ids, for good, and show the receipt."""
    from footfall_cli import visitors
    from footfall_cli.client import Client

    common = merged(context, url, key, site, as_json)
    settings = common.settings()
    named = settings.site.value if settings.site else None
    with Client(settings.url, settings.need_api_key()) as client:
        visitors.erase(client, visitor, named, is_sure=yes, as_json=common.as_json)


@app.command()
def export(
    context: typer.Context,
    visitor: Annotated[str, typer.Argument(metavar="ID", help="A userId or an anonymousId.")],
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print everything that is kept about a visitor, as JSON."""
    from footfall_cli import visitors
    from footfall_cli.client import Client

    common = merged(context, url, key, site, as_json)
    settings = common.settings()
    named = settings.site.value if settings.site else None
    with Client(settings.url, settings.need_api_key()) as client:
        visitors.export(client, visitor, named, as_json=common.as_json)


@app.command()
def rollup(
    context: typer.Context,
    now: Annotated[
        bool,
        typer.Option(
            "--now", help="What changed, at once (what it does when no days are named, too)."
        ),
    ] = False,
    first: FromOption = None,
    end: ToOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Roll up what changed, now; with --from and --to, build those days anew from the events.

    Numbers are right before, too: days that changed are read from the events until they are rolled up.
    """
    from footfall_cli import operating
    from footfall_cli.client import Client
    from footfall_cli.errors import UsageError

    if (first is None) != (end is None):
        raise UsageError("--from and --to are given together")
    common = merged(context, url, key, site, as_json)
    settings = common.settings()
    named = settings.site.value if settings.site else None
    span = (first, end) if first and end else None
    with Client(settings.url, settings.need_api_key()) as client:
        operating.roll_up(client, named, span, as_json=common.as_json)


@app.command()
def doctor(
    context: typer.Context,
    first: FromOption = None,
    end: ToOption = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Build the days that differ anew, and look again.")
    ] = False,
    url: UrlOption = None,
    key: KeyOption = None,
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold what is accepted, stored and rolled up against each other, by hour; exit code 1 where something differs.

    Without days: the last 7, today included; at most 92.
    """
    from footfall_cli import operating
    from footfall_cli.client import Client

    common = merged(context, url, key, site, as_json)
    settings = common.settings()
    named = settings.site.value if settings.site else None
    query = {"start": first, "end": end}
    with Client(settings.url, settings.need_api_key()) as client:
        is_well = operating.doctor(client, named, query, repair=repair, as_json=common.as_json)
    if not is_well:
        raise typer.Exit(1)


def _question(
    period: str | None,
    start: str | None,
    end: str | None,
    timezone: str | None,
    filters: str | None,
    bots: str | None,
) -> dict[str, str | None]:
    return {
        "period": period,
        "start": start,
        "end": end,
        "timezone": timezone,
        "filters": filters,
        "bots": bots,
    }


def _ask(
    common: Common, path: str, query: dict[str, str | None], *, needs_key: bool = True
) -> None:
    from footfall_cli import reading
    from footfall_cli.client import Client

    settings = common.settings()
    key = settings.need_api_key() if needs_key else None
    site = settings.site.value if settings.site and needs_key else None
    with Client(settings.url, key) as client:
        reading.ask(client, path, query | {"site": site}, as_json=common.as_json)


def _send(common: Common, kind: str, event: Mapping[str, object]) -> None:
    import json

    from footfall_cli import sending
    from footfall_cli.client import Client

    settings = common.settings()
    site = settings.site.value if settings.site else None
    with Client(settings.url, settings.write_key) as client:
        event_id = sending.send(client, kind, event, site)
    print(json.dumps({"eventId": event_id}) if common.as_json else event_id)
