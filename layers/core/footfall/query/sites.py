"""POST /query of several sites: each query is answered about the site that it names."""

from collections.abc import Callable
from typing import Any

from footfall.errors import FootfallError
from footfall.event_queue import EventQueue
from footfall.query.ask import MOST_QUERIES, ask_queries
from footfall.site import Site
from footfall.store import Store

Told = dict[str, Any] | list[dict[str, Any]] | str


def ask_sites(
    body: Any, site_of: Callable[[str | None], Site], now_ms: int, store: Store, queue: EventQueue
) -> Told:
    """The answer to a query, or to each of a list, about the sites they name.

    `site_of` tells the site of a name (None: the one that is meant where none is named) or raises a FootfallError,
    which in a list stands in the query's place. Raises as `ask_queries`.
    """
    if not isinstance(body, list) or len(body) > MOST_QUERIES:
        return ask_queries(body, site_of(_named(body)), now_ms, store, queue)
    site_of(None)  # whoever may not ask at all is told so, and not once a query
    answers: list[dict[str, Any]] = [{}] * len(body)
    places: dict[str | None, list[int]] = {}
    for place, query in enumerate(body):
        places.setdefault(_named(query), []).append(place)
    for named, own in places.items():
        try:
            site = site_of(named)
        except FootfallError as error:
            told: Told = [{"error": error.body()}] * len(own)
        else:
            told = ask_queries([body[place] for place in own], site, now_ms, store, queue)
        for place, answer in zip(own, told, strict=True):
            assert isinstance(answer, dict)  # noqa: S101 - a list of queries is answered with a list of objects
            answers[place] = answer
    return answers


def _named(query: Any) -> str | None:
    """The site that a query names; what is no text is refused when the query is read."""
    named = query.get("site") if isinstance(query, dict) else None
    return named if isinstance(named, str) and named else None
