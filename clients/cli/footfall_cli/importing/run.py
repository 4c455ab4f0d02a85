"""The command: files in, a summary out, and if asked, waiting until everything can be queried."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from footfall_cli import output
from footfall_cli.client import Client
from footfall_cli.errors import Refused, Unreachable, UsageError
from footfall_cli.importing import formats
from footfall_cli.importing.batches import BATCH_BYTES, Batch, batches
from footfall_cli.importing.delivery import GIVE_UP_SECONDS, Delivery
from footfall_cli.importing.formats import Parse
from footfall_cli.importing.ids import EventIds
from footfall_cli.importing.progress import progress
from footfall_cli.importing.record import Item, Record, Skip
from footfall_cli.importing.source import DAMAGED, STDIN, Source, open_source
from footfall_cli.importing.tally import Tally
from footfall_cli.settings import Settings

WAIT_SECONDS = 600.0
REMEMBERED_SECONDS = 6.0
"""A deployed server may answer /health from what it knew up to 5 s before."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command was told. `format` None means: find out for each file."""

    format: str | None = None
    requests: bool = False
    wait: bool = False
    wait_seconds: float = WAIT_SECONDS
    give_up_seconds: float = GIVE_UP_SECONDS
    as_json: bool = False


def import_files(names: Sequence[str], options: Options, settings: Settings) -> int:
    """Import files and print the summary; the exit code.

    Raises UsageError for a file or key that cannot be used, Unreachable when the server is gone (the summary of what
    was done by then is printed all the same).
    """
    key = settings.need_api_key()
    with ExitStack() as opened, Client(settings.url, key) as probe:
        sources = [_opened(name, options, opened) for name in names]
        # A server that is not there is told at once; one that goes away later is waited for.
        probe.get("/health")
        tally = Tally()
        started = time.monotonic()
        try:
            _send(sources, options, settings, tally)
        finally:
            _tell(tally, time.monotonic() - started, as_json=options.as_json)
        if options.wait:
            wait_until_stored(probe, options.wait_seconds)
    return tally.exit_code


def wait_until_stored(
    client: Client,
    patience: float,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Return when nothing that was accepted waits to be stored. Raises Unreachable after `patience` seconds."""
    started = clock()
    # An answer that was remembered from before the last batch would say too early that nothing waits.
    believed = started + (0.0 if client.is_local else REMEMBERED_SECONDS)
    pause = 0.1
    while True:
        asked = clock()
        missing = _missing(client)
        if not missing and asked >= believed:
            return
        if clock() - started > patience:
            raise Unreachable(
                f"not everything is stored after {patience:g} s: {missing or 'too early to say'}"
            )
        sleep(pause)
        pause = min(pause * 1.5, 2.0)


def _missing(client: Client) -> str:
    """What is not stored yet, in words; "" for nothing."""
    try:
        state = client.checked(client.get("/health"))
    except Unreachable as error:
        return str(error)
    # Days that are not rolled up yet are read from the events: what is stored can be queried.
    waiting = state.get("waiting")
    return f"{waiting} messages wait" if waiting != 0 else ""


def _opened(name: str, options: Options, opened: ExitStack) -> tuple[Source, Parse]:
    source = open_source(name)
    if name != STDIN:
        opened.callback(source.close)
    try:
        found = options.format or formats.guess(source)
    except DAMAGED as error:
        raise UsageError(f"{source.name} is damaged ({error})") from None
    return source, formats.parser(found, requests=options.requests)


def _send(
    sources: Sequence[tuple[Source, Parse]], options: Options, settings: Settings, tally: Tally
) -> None:
    """Send every file's events and wait until all are in."""

    def connect() -> Client:
        return Client(settings.url, settings.api_key)

    site = settings.site.value if settings.site else None
    sizes = [source.size for source, _ in sources if source.size is not None]
    total = sum(sizes) if len(sizes) == len(sources) else None
    with (
        progress(total) as advance,
        Delivery(connect, site, tally, options.give_up_seconds) as delivery,
    ):
        done = 0
        try:
            for source, parse in sources:
                for batch in _batches(source, parse, tally):
                    delivery.send(batch)
                    advance(done + source.position(), tally.accepted)
                done += source.size or 0
            delivery.finish()
        except (Refused, Unreachable) as error:
            delivery.settle()
            raise type(error)(f"{error}; {_how_far(delivery, tally)}") from None


def _batches(source: Source, parse: Parse, tally: Tally) -> Iterator[Batch]:
    """The batches of a file; everything that is in none is counted."""
    tally.files += 1
    before = tally.lines

    def broken(line: int, why: str) -> None:
        tally.break_line(source.name, line, why)

    def damaged(error: Exception) -> None:
        tally.damaged += 1
        lines = tally.lines - before
        output.complain(
            f"{source.name} is damaged ({error}); its first {lines:,} lines could be read"
        )

    def too_large(line: int) -> None:
        tally.refuse(
            "event_too_large", f"The event is over {BATCH_BYTES:,} bytes.", source.name, line
        )

    records = parse(source.lines(broken, damaged), EventIds())
    return batches(source.name, _items(records, source, tally), too_large)


def _items(records: Iterator[Record], source: Source, tally: Tally) -> Iterator[Item]:
    """The records that are sent; the others are counted."""
    for record in records:
        if isinstance(record, Item):
            tally.lines += 1
            yield record
        elif isinstance(record, Skip):
            tally.skip(record.reason)
        else:
            tally.break_line(source.name, record.line, record.why)


def _how_far(delivery: Delivery, tally: Tally) -> str:
    place = delivery.first_open()
    reached = f", all before line {place.line:,} of {place.file}" if place else ""
    return f"{tally.accepted:,} events are in{reached}. The same command again goes on: what is in counts once"


def _tell(tally: Tally, seconds: float, *, as_json: bool) -> None:
    for kind, number, examples in (
        ("broken", tally.broken, tally.broken_examples),
        ("refused", sum(tally.refused.values()), tally.refused_examples),
    ):
        for example in examples:
            output.complain(f"{kind}: {example}")
        if number > len(examples):
            output.complain(f"{kind}: {number - len(examples):,} more")
    print(json.dumps(tally.report(seconds)) if as_json else tally.summary(seconds))
