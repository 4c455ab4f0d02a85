"""What every answer says about itself: site, period, how fresh, what was left out, from where, what it cost."""

from typing import Any

from footfall.query.period import iso
from footfall.query.question import Question
from footfall.query.read import Origin


def meta(question: Question, origin: Origin, fresh_to: int | None) -> dict[str, Any]:
    """The `meta` of an answer. `fresh_to` (ms): everything received before it is in the answer; None: not known."""
    return {
        "site": question.site.id,
        "timezone": question.zone.key,
        "period": question.period.time_range,
        "previous": question.previous.time_range if question.previous else None,
        "fresh_to": None if fresh_to is None else iso(fresh_to, question.zone),
        "bots_excluded": question.bots == "exclude",
        "source": origin.source,
        "counted": "leading" if origin.is_led else "all",
        "rows_read": origin.rows_read,
    }
