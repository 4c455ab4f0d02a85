"""GET /metrics: totals of a period, each with its previous value and change."""

from collections.abc import Mapping, Sequence
from typing import Any

from footfall.query.catalog import METRICS, Metric, find_metric
from footfall.query.compare import change
from footfall.query.question import Question
from footfall.query.read import Origin, Wanted
from footfall.query.reads import Reads

DEFAULT = ("pageviews", "visitors", "sessions")


def read_metrics(parameters: Mapping[str, str]) -> list[Metric]:
    """The metrics asked for, each once. Raises Unprocessable for an unknown one."""
    names = [name.strip() for name in (parameters.get("metrics") or ",".join(DEFAULT)).split(",")]
    return [find_metric(name, "metrics") for name in dict.fromkeys(names[: len(METRICS) * 10])]


def metrics(
    question: Question, asked: Sequence[Metric], reads: Reads
) -> tuple[dict[str, Any], Origin]:
    """`{"timeRange", "metrics": {name: {value, previous, change}}}` and where it comes from. Raises Unavailable."""
    if question.previous:
        reads.expect(Wanted(question, question.previous, asked))
    current, origin = reads.totals(question, question.period, asked)
    before: dict[str, float | None] = {}
    if question.previous:
        before, more = reads.totals(question, question.previous, asked)
        origin = origin + more
    answer = {
        metric.name: {
            "value": current[metric.name],
            "previous": before.get(metric.name),
            "change": change(metric, current[metric.name], before.get(metric.name)),
        }
        for metric in asked
    }
    return {"timeRange": question.period.time_range, "metrics": answer}, origin
