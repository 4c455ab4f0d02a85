"""GET /metrics: totals of a period, each with its previous value and change."""

from collections.abc import Mapping, Sequence
from typing import Any

from footfall.query.catalog import METRICS, Metric, find_metric
from footfall.query.compare import change
from footfall.query.people import aliases
from footfall.query.question import Question
from footfall.query.report import totals
from footfall.store import Store

DEFAULT = ("pageviews", "visitors", "sessions")


def read_metrics(parameters: Mapping[str, str]) -> list[Metric]:
    """The metrics asked for, each once. Raises Unprocessable for an unknown one."""
    names = [name.strip() for name in (parameters.get("metrics") or ",".join(DEFAULT)).split(",")]
    return [find_metric(name, "metrics") for name in dict.fromkeys(names[: len(METRICS) * 10])]


def metrics(
    question: Question, asked: Sequence[Metric], store: Store
) -> tuple[dict[str, Any], int]:
    """`{"timeRange", "metrics": {name: {value, previous, change}}}` and the rows read. Raises Unavailable."""
    people = aliases(question.site.id, store)
    current, rows_read = totals(question, question.period, asked, people, store)
    before: dict[str, float | None] = {}
    if question.previous:
        before, more = totals(question, question.previous, asked, people, store)
        rows_read += more
    answer = {
        metric.name: {
            "value": current[metric.name],
            "previous": before.get(metric.name),
            "change": change(metric, current[metric.name], before.get(metric.name)),
        }
        for metric in asked
    }
    return {"timeRange": question.period.time_range, "metrics": answer}, rows_read
