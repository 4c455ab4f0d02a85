"""GET /daily: one local day of a site, exact, from the store: pageviews, visitors and each named event."""

from typing import Any

from footfall.query.catalog import METRICS
from footfall.query.people import aliases
from footfall.query.question import BOTS, Question
from footfall.query.report import totals
from footfall.store import Store


def daily(question: Question, date: str, store: Store) -> tuple[dict[str, Any], int]:
    """`{"date", "pageviews", "visitors", "events": {name: n}}` and the rows read. Raises Unavailable."""
    period = question.period
    asked = [METRICS["pageviews"], METRICS["visitors"]]
    numbers, rows_read = totals(question, period, asked, aliases(question.site.id, store), store)
    named = store.select(
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
    return answer, rows_read + named.rows_read
