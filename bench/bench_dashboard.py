"""What a dashboard costs at any traffic: rollups against events, and against the rival on the same events.

    python bench/bench_dashboard.py [--events 1000000] [--pages 13000] [--sites 5] [--data FOLDER] [--no-rival]
        [--wide EVENTS] [--wide-data FOLDER] [--threads 1]

Prints the figures (a) to (f) that docs/decisions speak of: the dashboard, exact visitors, rollups, bytes, filters, and
the dashboard among 300,000 pages (of `--wide` events, in a store of its own). A folder given by --data
is kept, and used again when it has events. `--renew` drops the rollups in it and builds them anew.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "layers" / "core")]

from bench import dashboard, seed, traffic  # noqa: E402
from bench.dashboard import LISTS, NoQueue, queries, query  # noqa: E402
from bench.measure import RUNS, Cost, MeteredStore, cost, costs, table, total  # noqa: E402
from bench.traffic import DAYS, END, EVENTS_A_SMALL_SITE, LONG, MAIN, Traffic  # noqa: E402
from footfall import lease as leasing  # noqa: E402
from footfall.event import Event  # noqa: E402
from footfall.event_queue import pack  # noqa: E402
from footfall.ingest.batch import ingest  # noqa: E402
from footfall.migrate import migrate  # noqa: E402
from footfall.rollup import build as building  # noqa: E402
from footfall.rollup.run import run  # noqa: E402
from footfall.site import Site  # noqa: E402

SMALL = 1_000_000
"""The size that times are compared with."""
SPANS = (30, 90)
MANY_PAGES = 300_000
FEW = 3
"""So many new events make a small site a changed one."""
RIVAL_RUNS = 3
KEPT = ("events", "links", "aliases", "analytics_events")
"""Tables that --renew leaves."""


def main() -> None:
    """Make or open the store, roll it up, print the figures."""
    given = arguments()
    asked = Traffic(given.events, given.pages, given.sites)
    if given.only_dashboards:
        with tempfile.TemporaryDirectory() as folder:
            wide(Path(given.data or folder), asked, given.zone)
        return
    if given.uniques:
        with tempfile.TemporaryDirectory() as folder:
            store = opened(Path(folder), given.zone)
            traffic.load(store, asked)
            roll_up(store, given.zone)
            print(json.dumps({"cpu": uniques(store).cpu}))
            store.close()
        return
    if given.data:
        measure(Path(given.data), asked, given)
    else:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), asked, given)


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--pages", type=int, default=13_000, help="distinct pages of the main site")
    parser.add_argument("--sites", type=int, default=5, help="small sites beside it")
    parser.add_argument("--zone", default="UTC", help="the sites' time zone")
    parser.add_argument("--data", help="a folder to keep the store in, or where it is")
    parser.add_argument("--renew", action="store_true", help="build the rollups anew")
    parser.add_argument("--threads", type=int, default=1, help="of the rollups, where all is built")
    parser.add_argument("--no-rival", action="store_true")
    parser.add_argument("--wide", type=int, default=0, help="events with many pages")
    parser.add_argument("--wide-data", help="a folder to keep their store in")
    parser.add_argument("--uniques", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--only-dashboards", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def measure(folder: Path, asked: Traffic, given: argparse.Namespace) -> None:
    """Print every figure of the store in a folder."""
    store = opened(folder, given.zone)
    print(
        "One thread (max_threads = 1), no cache of filters (use_query_condition_cache = 0); "
        f"median of {RUNS} warm runs ({RIVAL_RUNS} of the rival's) and the least; CPU is the whole process's."
    )
    before: dict[int, Cost | str] = {}
    if not has_events(store):
        started = time.process_time()
        traffic.load(store, asked)
        print(
            f"Traffic made at {asked.events / (time.process_time() - started):,.0f} events a CPU-s."
        )
        before = raw_dashboards(store)
    elif given.renew:
        renew(store, asked)
    events, visitors, pages = store.query(
        "SELECT count(), uniqExact(actor_hash), uniqExact(path) FROM events FINAL "
        f"WHERE site_id = {{site:String}} {LONG}",
        {"site": MAIN},
    ).rows[0]
    print(
        f"{events:,} events, {visitors:,} visitors, {pages:,} pages, {asked.sites} small sites, {DAYS} days."
    )
    built = roll_up(store, given.zone, only=MAIN, threads=given.threads)
    small = roll_up(store, given.zone)
    file = folder / "rival.json"
    if not given.no_rival:
        save(rivals(store, events), file)
    print_dashboards(store, before, saved(file))
    print_uniques(store, asked)
    print_rollups(store, built, events, given.zone)
    print_small_sites(store, small, asked.sites, given.zone)
    print_bytes(store, events)
    print_filters(store)
    store.close()
    if given.wide:
        print_wide(given)


def print_wide(given: argparse.Namespace) -> None:
    """(f) The dashboards among many pages: in a process of its own, since one opens one folder."""
    print(f"\n(f) {given.wide:,} events with {MANY_PAGES:,} pages", flush=True)
    command = [sys.executable, __file__, "--only-dashboards", "--events", str(given.wide)]
    command += ["--pages", str(MANY_PAGES), "--zone", given.zone]
    subprocess.run(command + ["--data", given.wide_data] * bool(given.wide_data), check=True)


def wide(folder: Path, asked: Traffic, zone: str) -> None:
    """Print what rollups and dashboards of a store cost."""
    store = opened(folder, zone)
    if not has_events(store):
        traffic.load(store, asked)
    cpu = roll_up(store, zone)[0]
    if cpu > 1:
        print(f"  rollups: {cpu / asked.events * 1e6:.2f} CPU-s a million events")
    print_dashboards(store, {}, {})
    store.close()


def opened(folder: Path, zone: str) -> MeteredStore:
    """The store in a folder, which the functions of this process read."""
    path = str(folder / "store")
    store = MeteredStore(f"chdb://{path}")
    dashboard.wire(store, path, zone)
    return store


def has_events(store: MeteredStore) -> bool:
    """Whether the store was filled before."""
    sql = "SELECT sum(total_rows) FROM system.tables WHERE database = currentDatabase() AND name = 'events'"
    return bool(store.query(sql).rows[0][0])


def renew(store: MeteredStore, asked: Traffic) -> None:
    """Drop everything that was made of the events, and note them as changed."""
    names = store.query("SELECT name FROM system.tables WHERE database = currentDatabase()").rows
    for (name,) in names:
        if name not in KEPT:
            store.execute(f"DROP TABLE {name} SYNC")
    migrate(store)
    traffic.journal(store, asked)


def roll_up(
    store: MeteredStore, zone: str, only: str | None = None, threads: int = 1
) -> tuple[float, float]:
    """Run the rollups (`only` of one site) until nothing is pending; CPU and wall seconds."""
    building.SETTINGS |= {"max_execution_time": 0, "max_threads": threads}
    # One thread at a hundred million events takes longer for a statement than a function has for a run.
    leasing.SECONDS = 86_400
    cpu, wall = time.process_time(), time.perf_counter()
    while True:
        done = run(
            datetime.now(UTC),
            store,
            NoQueue(),  # type: ignore[arg-type]
            lambda site_id: Site(id=site_id, timezone=zone),
            eager=True,
            only=only,
        )
        if not done["pending"]:
            return time.process_time() - cpu, time.perf_counter() - wall


def span(days: int, end: date = END) -> tuple[date, date]:
    """The first day and the day after the last of the `days` before `end`."""
    return end - timedelta(days=days), end


def raw_dashboards(store: MeteredStore) -> dict[int, Cost | str]:
    """The shorter dashboard while nothing is rolled up: all from the events."""
    asked = queries(*span(SPANS[0]))
    return {SPANS[0]: tried(partial(cost, partial(dashboard.ask, asked), store, 0))}


def tried(work: Callable[[], Cost]) -> Cost | str:
    """What the work costs, or why it cannot be done."""
    try:
        return work()
    except RuntimeError as error:
        return str(error)[:60]


Rivals = dict[tuple[int, bool], Cost]
"""What the rival's dashboards cost, by days and whether the list of pages is one of them."""


def rivals(store: MeteredStore, events: int) -> Rivals:
    """Measure the rival; its table is filled first if it is not there."""
    if not store.query("EXISTS analytics_events").rows[0][0]:
        seed.fill(store)
    found: Rivals = {}
    for days in SPANS:
        parts = seed.costs(store, *span(days), RIVAL_RUNS if events <= 2_000_000 else 0)
        found[days, True] = total(parts.values())
        found[days, False] = total(part for name, part in parts.items() if name != seed.PAGE)
    return found


def save(found: Rivals, file: Path) -> None:
    """Keep what the rival cost beside its store, for --no-rival."""
    rows = [
        [days, pages, each.cpu, each.wall, each.rows_read, each.statements]
        for (days, pages), each in found.items()
    ]
    file.write_text(json.dumps(rows), encoding="utf-8")


def saved(file: Path) -> Rivals:
    """What the rival cost when it was measured here last; nothing if it never was."""
    rows = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    return {
        (days, pages): Cost(cpu, wall, rows_read, statements, None)
        for days, pages, cpu, wall, rows_read, statements in rows
    }


def print_dashboards(
    store: MeteredStore,
    before: dict[int, Cost | str],
    rival: Rivals,
) -> None:
    """(a) The dashboard, all of it and without the list of pages."""
    print(
        "\n(a) Dashboard: 5 numbers with previous, 2 daily series, 8 top tens by visitors, one request"
    )
    rows: dict[str, Cost | str] = {}
    for days in SPANS:
        without = [name for name in LISTS if name != "page"]
        ours = {
            False: cost(partial(dashboard.ask, queries(*span(days), without)), store),
            True: cost(partial(dashboard.ask, queries(*span(days))), store),
        }
        for pages, found in ours.items():
            name = f"{days} days{'' if pages else ' without pages'}"
            rows[f"{name}: {' and '.join(found.answer.sources)}"] = found
            if rival:
                other = rival[days, pages]
                rows[f"{name}: the rival, {other.cpu / found.cpu:,.0f} x"] = other
        if days in before:
            raw = before[days]
            same = "" if isinstance(raw, str) else f", {raw.cpu / ours[True].cpu:,.0f} x"
            if not isinstance(raw, str) and raw.answer.results != ours[True].answer.results:
                same += ", OTHER NUMBERS"
            rows[f"{days} days: before the rollups{same}"] = raw
    costs(rows)


def uniques(store: MeteredStore) -> Cost:
    """Exact visitors of 30 days in the midst of the 90."""
    asked = [query(("visitors",), *span(30, END - timedelta(days=30)))]
    return cost(partial(dashboard.ask, asked), store)


def print_uniques(store: MeteredStore, asked: Traffic) -> None:
    """(b) Exact visitors, whether they are right, and the time against that in a smaller store."""
    found = uniques(store)
    first, end = span(30, END - timedelta(days=30))
    exact = cost(
        lambda: store.query(
            EXACT, {"site": MAIN, "first": first, "last": end - timedelta(days=1)}
        ).rows[0][0],
        store,
        0,
    )
    print("\n(b) Exact visitors of 30 days within the 90")
    costs({"from the rollups": found, "uniqExact over the events": exact})
    number = found.answer.results[0][0]["metrics"][0]
    print(f"  {number:,} visitors, uniqExact says {exact.answer:,}")
    if asked.events > SMALL:
        smaller = uniques_of(Traffic(SMALL, asked.pages, asked.sites))
        print(f"  {found.cpu / smaller:.2f} x the time with {SMALL:,} events ({smaller:.1f} ms)")


def uniques_of(asked: Traffic) -> float:
    """The CPU ms of `uniques` in a store of its own: in a process of its own, since one opens one folder."""
    command = [sys.executable, __file__, "--uniques", "--events", str(asked.events)]
    command += ["--pages", str(asked.pages), "--sites", str(asked.sites)]
    answered = subprocess.run(command, check=True, capture_output=True)
    return float(json.loads(answered.stdout.splitlines()[-1])["cpu"])


EXACT = """SELECT uniqExact(if(user_id != '', sipHash64(concat('u:', user_id)),
  if(linked_user != '', sipHash64(concat('u:', linked_user)), actor_hash)))
FROM events FINAL
LEFT JOIN (
  SELECT actor_hash, min(entry).3 AS linked_user FROM links WHERE site_id = {site:String} GROUP BY actor_hash
) AS linked USING (actor_hash)
WHERE site_id = {site:String} AND day BETWEEN {first:Date} AND {last:Date} AND NOT is_bot
SETTINGS max_execution_time = 0, max_memory_usage = 0"""


def print_rollups(store: MeteredStore, built: tuple[float, float], events: int, zone: str) -> None:
    """(c) The rollups: of everything, of one late event, of nothing."""
    cpu, wall = built
    print("\n(c) Rollups, CPU")
    if cpu > 1:
        print(
            f"  all of it    {cpu / events * 1e6:.2f} s a million events ({cpu:,.0f} s, {wall:,.0f} s wall)"
        )
    else:
        print("  all of it    built before")
    late_event(store, zone)
    print(
        f"  a late event {roll_up(store, zone)[0] * 1000:,.0f} ms, 60 days back, by a visitor who came again"
    )
    print(f"  nothing      {roll_up(store, zone)[0] * 1000:,.0f} ms")


def late_event(store: MeteredStore, zone: str) -> None:
    """Store one more pageview, 60 days back, of a visitor who was there before and after."""
    day = END - timedelta(days=60)
    actor = store.query(
        "SELECT any(actor) FROM (SELECT actor, groupUniqArray(day) AS days FROM events "
        "WHERE site_id = {site:String} AND NOT is_bot AND user_id = '' AND actor_hash % 50 = 0 "
        "GROUP BY actor HAVING min(day) < {day:Date} AND max(day) > {day:Date} AND NOT has(days, {day:Date}))"
        f" {LONG}",
        {"site": MAIN, "day": day},
    ).rows[0][0]
    at = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp() * 1000)
    late = Event(
        MAIN, f"late-{time.time_ns()}", "pageview", at, time.time_ns() // 1_000_000, 0, actor,
        anonymous_id=actor.removeprefix("a:"), path="/late", is_imported=True,
    )  # fmt: skip
    message = next(iter(pack([late])))
    site = Site(id=MAIN, timezone=zone)
    ingest({"late": message}, store, NoQueue(), lambda _: site.zone)  # type: ignore[arg-type]


def print_small_sites(
    store: MeteredStore, built: tuple[float, float], sites: int, zone: str
) -> None:
    """(f) What small sites cost that are rolled up in one run: everything, and a few new events of each."""
    print(f"\n(f) {sites:,} small sites with {EVENTS_A_SMALL_SITE} events each, CPU a site")
    if built[0] > 1:
        print(f"  all of it     {built[0] / sites * 1000:,.0f} ms")
    messages = {}
    at = int(datetime(END.year, END.month, END.day, 12, tzinfo=UTC).timestamp() * 1000) - 86_400_000
    for number in range(sites):
        events = [
            Event(
                f"site-{number}", f"few-{time.time_ns()}-{n}", "pageview", at + n * 1000,
                time.time_ns() // 1_000_000, n, f"a:few-{n % 2}", anonymous_id=f"few-{n % 2}", path="/few",
                is_imported=True,
            )
            for n in range(FEW)
        ]  # fmt: skip
        messages[str(number)] = next(iter(pack(events)))
    for first in range(0, sites, 100):
        some = dict(list(messages.items())[first : first + 100])
        ingest(some, store, NoQueue(), lambda _: Site(id=MAIN, timezone=zone).zone)  # type: ignore[arg-type]
    print(f"  {FEW} new events  {roll_up(store, zone)[0] / sites * 1000:,.0f} ms")


def print_bytes(store: MeteredStore, events: int) -> None:
    """(d) Bytes on disk: an event as it is stored, and of each rollup an event."""
    print("\n(d) Bytes on disk")
    found = store.query(
        "SELECT table, sum(rows), sum(bytes_on_disk) FROM system.parts "
        "WHERE active AND database = currentDatabase() GROUP BY table ORDER BY 3 DESC"
    ).rows
    table(
        ("table", "rows", "MB", "B a row", "B an event"),
        [
            (name, f"{rows:,}", f"{size / 1e6:,.1f}", f"{size / rows:.1f}", f"{size / events:.2f}")
            for name, rows, size in found
        ],
    )
    rollups = sum(size for name, _, size in found if name not in KEPT)
    print(f"  all but {', '.join(KEPT)}: {rollups / events:.1f} B an event")


FILTERS: tuple[tuple[str, tuple[str, ...], list[Any]], ...] = (
    ("events, one filter", ("events", "pageviews"), [["is", "country", ["DE"]]]),
    (
        "events, two filters",
        ("events", "pageviews"),
        [["is", "country", ["DE"]], ["is", "device", ["mobile"]]],
    ),
    ("events, a property", ("events", "pageviews"), [["is", "props:plan", ["pro"]]]),
    ("visitors, one filter", ("visitors",), [["is", "country", ["DE"]]]),
    (
        "visitors, two filters",
        ("visitors",),
        [["is", "country", ["DE"]], ["is", "device", ["mobile"]]],
    ),
    ("visitors, a property", ("visitors",), [["is", "props:plan", ["pro"]]]),
    (
        "sessions, one filter",
        ("sessions", "bounce_rate", "avg_duration"),
        [["is", "country", ["DE"]]],
    ),
    ("sessions, a page", ("sessions", "bounce_rate"), [["contains", "page", ["/docs/"]]]),
    ("sessions, a property", ("sessions", "bounce_rate"), [["is", "props:plan", ["pro"]]]),
    ("events, the session's source", ("events", "pageviews"), [["is", "source", ["Google"]]]),
    (
        "visitors, source and property",
        ("visitors",),
        [["is", "source", ["Google"]], ["is", "props:plan", ["pro"]]],
    ),
)


def print_filters(store: MeteredStore) -> None:
    """(e) Numbers of 30 days under filters: CPU a row that was scanned."""
    print("\n(e) 30 days under filters")
    rows: list[tuple[object, ...]] = []
    for name, metrics, filters in FILTERS:
        asked = [query(metrics, *span(30), filters=filters)]
        found = tried(partial(cost, partial(dashboard.ask, asked), store))
        if isinstance(found, str):
            rows.append((name, found, "", "", ""))
            continue
        source = " and ".join(found.answer.sources)
        a_row = f"{found.cpu * 1e6 / max(found.rows_read, 1):,.0f}"
        rows.append((name, source, f"{found.cpu:,.1f}", f"{found.rows_read:,}", a_row))
    table(("", "from", "CPU ms", "rows read", "ns a row"), rows)


if __name__ == "__main__":
    main()
