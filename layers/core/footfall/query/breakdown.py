"""GET /breakdown: the greatest values of one dimension, each the same question under the filter `is value`."""

from typing import Any

from footfall.query.catalog import PROPERTY, Metric, Value
from footfall.query.compare import change
from footfall.query.question import Question
from footfall.query.read import Origin, Page, Wanted, filled
from footfall.query.reads import Reads


def default_metric(value: Value) -> str:
    """What is counted when nothing is asked for: events by name or property are events, all else pageviews."""
    return (
        "events" if value.dimension is PROPERTY or value.dimension.name == "event" else "pageviews"
    )


def breakdown(
    question: Question, value: Value, metric: Metric, limit: int, offset: int, reads: Reads
) -> tuple[dict[str, Any], Origin]:
    """`{"timeRange", "dimension", "metric", "data": [{dimension, label, value, percentage}], "total"}`.

    With a previous period each row carries `previous` and `change`. Raises Unavailable.
    """
    page = Page([(metric.name, "desc")], limit, offset)
    found = reads.read(Wanted(question, question.period, [metric], [value], page=page))
    origin = found.origin
    whole: float | None = None
    if metric.kind == "count" and found.rows:
        sums, more = reads.totals(question, question.period, [metric])
        whole, origin = sums[metric.name], origin + more
    data: list[dict[str, Any]] = [
        {
            "dimension": row.values[0],
            "label": row.values[0] or value.dimension.missing,
            "value": row.metrics[0],
            "percentage": (row.metrics[0] or 0) / whole * 100 if whole else None,
        }
        for row in found.rows
    ]
    if question.previous and data:
        shown = [row.values for row in found.rows]
        past = reads.read(Wanted(question, question.previous, [metric], [value], only=shown))
        origin = origin + past.origin
        before = {row.values[0]: row.metrics[0] for row in past.rows}
        for row in data:
            row["previous"] = filled(metric, before.get(row["dimension"]))
            row["change"] = change(metric, row["value"], row["previous"])
    answer = {
        "timeRange": question.period.time_range,
        "dimension": value.name,
        "metric": metric.name,
        "data": data,
        "total": found.total,
    }
    return answer, origin
