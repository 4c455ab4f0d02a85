"""GET /timeseries: one metric over the buckets of an interval, empty ones filled, future ones null."""

from typing import Any

from footfall.query.catalog import Metric
from footfall.query.people import aliases
from footfall.query.period import Interval, buckets
from footfall.query.question import Question
from footfall.query.report import filled, report, select_metrics
from footfall.store import Store


def timeseries(
    question: Question, metric: Metric, interval: Interval, store: Store
) -> tuple[dict[str, Any], int]:
    """`{"timeRange", "metric", "interval", "data": [{date, value}]}` and the rows read.

    Raises Unprocessable for too many buckets, Unavailable.
    """
    steps = buckets(question.period, interval)
    people = aliases(question.site.id, store) if metric.name == "visitors" else {}
    made = report(question, question.period, [metric], people, buckets=steps)
    rows = select_metrics(made, [metric], store)
    numbers = {bucket: number for bucket, _, number in rows.rows}
    data = [
        {
            "date": step.label,
            "value": None
            if step.start > question.now_ms
            else filled(metric, numbers.get(step.start)),
        }
        for step in steps
    ]
    answer = {
        "timeRange": question.period.time_range,
        "metric": metric.name,
        "interval": interval,
        "data": data,
    }
    return answer, rows.rows_read
