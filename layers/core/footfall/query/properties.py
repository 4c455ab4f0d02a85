"""GET /properties: which keys the properties of events have, how often, and what their values look like."""

from typing import Any

from footfall.errors import Unprocessable
from footfall.query.catalog import METRICS, PROPERTY, Value
from footfall.query.plan import choose
from footfall.query.question import BOTS, Question
from footfall.query.raw import Asked
from footfall.query.read import Origin
from footfall.query.reads import Reads


def properties(
    question: Question, event: str | None, reads: Reads
) -> tuple[dict[str, Any], Origin]:
    """`{"data": [{"event", "key", "events", "examples"}]}` of all events or one, and where it comes from.

    `examples` are up to 5 values, the most frequent first, each at most 200 characters long. Raises Unprocessable
    for a filter by a value of the session and for events that have expired, Unavailable.
    """
    if any(value.dimension.of_session for value in question.filter.values):
        raise Unprocessable(
            "invalid_filter",
            "Properties can be filtered by the values of the event itself only.",
            field="filters",
        )
    period = question.period
    # Only for what it refuses: like any question about properties, this one needs the events themselves.
    any_property = Value(PROPERTY, "any", "dimension_key")
    choose(
        Asked(question, [METRICS["events"]], [any_property], [], dict),
        period,
        reads.take_snapshot(),
    )
    found = reads.store.select(
        "queries/properties",
        {
            "site": question.site.id,
            "start": max(period.start, 0),
            "end": max(period.end, 0),
            "names": [] if event is None else [event],
            **question.filter.parameters,
        },
        {"bots": BOTS[question.bots], "filter": question.filter.condition},
    )
    data = [
        {"event": name, "key": key, "events": events, "examples": list(examples)}
        for name, key, events, examples in found.rows
    ]
    return {"data": data}, Origin("raw", found.rows_read)
