"""GET /daily: one local day of a site, exact, from the store: pageviews, visitors and each named event."""

from typing import Any

from footfall.query.catalog import METRICS
from footfall.query.question import BOTS, Question
from footfall.query.read import Origin
from footfall.query.reads import Reads


def daily(question: Question, date: str, reads: Reads) -> tuple[dict[str, Any], Origin]:
    """`{"date", "pageviews", "visitors", "events": {name: n}}` and where it comes from. Raises Unavailable."""
    period = question.period
    asked = [METRICS["pageviews"], METRICS["visitors"]]
    numbers, origin = reads.totals(question, period, asked)
    named = reads.store.select(
        "queries/daily",
        {"site": question.site.id, "start": max(period.start, 0), "end": max(period.end, 0)},
        {"bots": BOTS[question.bots]},
    )
    answer = {
        "date": date,
        "pageviews": numbers["pageviews"],
        "visitors": numbers["visitors"],
        "events": dict(named.rows),
    }
    return answer, origin + Origin("raw", named.rows_read)
