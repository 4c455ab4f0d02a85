"""GET /timeseries: one metric over the buckets of an interval, empty ones filled, future ones null."""

from typing import Any

from footfall.query.catalog import Metric
from footfall.query.period import Interval, buckets
from footfall.query.question import Question
from footfall.query.read import Origin, Wanted, filled
from footfall.query.reads import Reads


def timeseries(
    question: Question, metric: Metric, interval: Interval, reads: Reads
) -> tuple[dict[str, Any], Origin]:
    """`{"timeRange", "metric", "interval", "data": [{date, value}]}` and where it comes from.

    Raises Unprocessable for too many buckets, Unavailable.
    """
    steps = buckets(question.period, interval)
    found = reads.read(Wanted(question, question.period, [metric], buckets=steps))
    numbers = {row.bucket: row.metrics[0] for row in found.rows}
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
    return answer, found.origin
