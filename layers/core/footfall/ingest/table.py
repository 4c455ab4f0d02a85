"""Events become rows of `events`."""

from collections.abc import Sequence

from footfall.event import Event
from footfall.ingest.steps import HOST, STEPS, Table


def table(events: Sequence[Event]) -> Table:
    """The rows of events by column of sql/migrations/0001_create_events.sql; what all leave empty is left out."""
    columns = Event._make(zip(*events, strict=True))
    made: Table = {}
    for step in STEPS:
        step(columns, made)
    return {name: column for name, column in made.items() if name != HOST and any(column)}
