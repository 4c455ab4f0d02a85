"""An event becomes a row of `events`."""

from footfall.event import Event
from footfall.ingest.steps import STEPS, Row


def row(event: Event) -> Row:
    """The row of an event, by column of sql/migrations/0001_create_events.sql."""
    made: Row = {}
    for step in STEPS:
        step(event, made)
    # What is left out is "" in the store.
    return {column: value for column, value in made.items() if value != ""}
