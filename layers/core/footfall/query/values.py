"""GET /values: the values of a dimension that occur, most events first, for pickers of filters."""

from typing import Any

from footfall.query.catalog import METRICS, Value
from footfall.query.plan import choose
from footfall.query.question import Question
from footfall.query.raw import Asked
from footfall.query.read import Origin
from footfall.query.reads import Reads
from footfall.store import Fragment


def values(
    question: Question, value: Value, search: str, limit: int, reads: Reads
) -> tuple[dict[str, Any], Origin]:
    """`{"data": [{"value", "events"}]}`, only values that contain `search` in any case, and where it comes from.

    Raises Unavailable.
    """
    asked = Asked(question, [METRICS["events"]], [value], [], {})
    chosen = choose(asked, question.period, reads.take_snapshot())
    parameters: dict[str, Any] = {"search": search, "limit": limit}
    for source in chosen.sources:
        parameters |= source.parameters
    sources = " UNION ALL ".join(source.sql for source in chosen.sources)
    found = reads.store.select("queries/values", parameters, {"sources": Fragment(sources)})
    data = [{"value": name, "events": events} for name, events in found.rows]
    return {"data": data}, Origin(chosen.source, found.rows_read)
