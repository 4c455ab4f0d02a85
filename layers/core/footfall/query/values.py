"""GET /values: the values of a dimension that occur, most events first, for pickers of filters."""

from typing import Any

from footfall.query.catalog import METRICS, Value
from footfall.query.plan import choose, sources
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
    asked = Asked(question, [METRICS["events"]], [value], [], dict)
    snapshot = reads.take_snapshot()
    chosen = choose(asked, question.period, snapshot)
    parameters: dict[str, Any] = {"search": search, "limit": limit}
    read = sources([(asked, chosen)], snapshot)
    for source in read:
        parameters |= source.parameters
    union = " UNION ALL ".join(source.sql for source in read)
    found = reads.store.select("queries/values", parameters, {"sources": Fragment(union)})
    data = [{"value": name, "events": events} for name, events in found.rows]
    return {"data": data}, Origin(chosen.source, found.rows_read)
