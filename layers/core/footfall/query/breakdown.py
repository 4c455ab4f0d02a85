"""GET /breakdown: the greatest values of one dimension, each the same question under the filter `is value`."""

from typing import Any

from footfall.query.catalog import PROPERTY, Metric, Value
from footfall.query.compare import change
from footfall.query.filters import Filter
from footfall.query.people import aliases
from footfall.query.period import Period
from footfall.query.question import Question
from footfall.query.report import filled, report, select_metrics, totals
from footfall.store import Fragment, Store


def default_metric(value: Value) -> str:
    """What is counted when nothing is asked for: events by name or property are events, all else pageviews."""
    return (
        "events" if value.dimension is PROPERTY or value.dimension.name == "event" else "pageviews"
    )


def breakdown(
    question: Question, value: Value, metric: Metric, limit: int, offset: int, store: Store
) -> tuple[dict[str, Any], int]:
    """`{"timeRange", "dimension", "metric", "data": [{dimension, label, value, percentage}], "total"}`, rows read.

    With a previous period each row carries `previous` and `change`. Raises Unavailable.
    """
    people = aliases(question.site.id, store) if metric.name == "visitors" else {}
    made = report(question, question.period, [metric], people, value)
    fragments = {"metric": metric.sql, "report": Fragment(made.sql)}
    rows = store.select(
        "queries/breakdown", made.parameters | {"limit": limit, "offset": offset}, fragments
    )
    rows_read, total = rows.rows_read, 0
    if rows.rows:
        total = rows.rows[0][2]
    elif offset:
        counted = store.select("queries/breakdown_total", made.parameters, fragments)
        total, rows_read = counted.rows[0][0], rows_read + counted.rows_read
    whole: float | None = None
    if metric.kind == "count" and rows.rows:
        sums, more = totals(question, question.period, [metric], people, store)
        whole, rows_read = sums[metric.name], rows_read + more
    data: list[dict[str, Any]] = [
        {
            "dimension": name,
            "label": name or value.dimension.missing,
            "value": number,
            "percentage": number / whole * 100 if whole else None,
        }
        for name, number, _ in rows.rows
    ]
    if question.previous and data:
        rows_read += _compare(data, question, question.previous, value, metric, people, store)
    answer = {
        "timeRange": question.period.time_range,
        "dimension": f"props:{value.key}" if value.dimension is PROPERTY else value.dimension.name,
        "metric": metric.name,
        "data": data,
        "total": total,
    }
    return answer, rows_read


def _compare(
    data: list[dict[str, Any]],
    question: Question,
    previous: Period,
    value: Value,
    metric: Metric,
    people: dict[str, str],
    store: Store,
) -> int:
    """Give each row its previous value and change; the rows read."""
    shown = Filter(
        Fragment(
            f"({question.filter.condition.sql}) AND has({{shown:Array(String)}}, {value.sql})"
        ),
        question.filter.parameters | {"shown": [row["dimension"] for row in data]},
        question.filter.values,
    )
    asked = Question(question.site, previous, None, shown, question.bots, question.now_ms)
    rows = select_metrics(report(asked, previous, [metric], people, value), [metric], store)
    before = {name: number for _, name, number in rows.rows}
    for row in data:
        row["previous"] = filled(metric, before.get(row["dimension"]))
        row["change"] = change(metric, row["value"], row["previous"])
    return rows.rows_read
