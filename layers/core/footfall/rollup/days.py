"""Which days a person asks to be rolled up again or examined: dates of the site's zone, the end exclusive."""

import re
from datetime import date, timedelta
from typing import Any

from footfall.days import local_day
from footfall.errors import Unprocessable
from footfall.journal import FIRST_WINDOW
from footfall.site import Site

LAST = date(2148, 12, 31)


def days_between(first: date, end: date, site: Site, now_ms: int, most: int) -> list[date]:
    """The days from `first` until before `end` that are rolled up at all, and whose events are still kept.

    Raises Unprocessable when there is no such day, or there are more than `most` between the two.
    """
    if end <= first:
        raise Unprocessable("end_before_start", "The end must be after the start.", field="end")
    count = (end - first).days
    if count > most:
        raise Unprocessable(
            "invalid_period", f"At most {most:,} days at once; ask in several steps.", field="end"
        )
    kept = max(first_kept(site, now_ms), FIRST_WINDOW)
    days = [first + timedelta(days=by) for by in range(count)]
    days = [day for day in days if day >= kept]
    if not days:
        raise Unprocessable(
            "beyond_retention",
            f"The events of these days are not kept; the first that are, are those of {kept}.",
            field="end",
        )
    return days


def first_kept(site: Site, now_ms: int) -> date:
    """The first local day whose events are kept."""
    horizon_ms = site.horizon_ms(now_ms)
    return FIRST_WINDOW if horizon_ms is None else local_day(horizon_ms, site.zone)


def read_date(given: Any, field: str) -> date:
    """A date as people write it. Raises Unprocessable for anything else."""
    try:
        if not isinstance(given, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", given):
            raise ValueError("not the form of a date")
        day = date.fromisoformat(given)
        if not date(1970, 1, 1) <= day <= LAST:
            raise ValueError("out of range")
    except ValueError:
        raise Unprocessable(
            "invalid_period",
            f"`{field}` must be a date from 1970 on, such as 2026-03-01.",
            field=field,
        ) from None
    return day
