"""The change between two periods: the only place that divides by another period's number."""

from footfall.query.catalog import Metric


def change(metric: Metric, current: float | None, previous: float | None) -> float | None:
    """How much a metric changed: counts and means in per cent of the previous value, rates in percentage points.

    None when there is nothing to compare: a null on either side, or a previous count or mean of 0.
    """
    if current is None or previous is None:
        return None
    if metric.kind == "rate":
        return current - previous
    if previous == 0:
        return None
    return (current - previous) / previous * 100
