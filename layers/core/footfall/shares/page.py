"""GET /share/{share_id}: the dashboard's page for whoever has a link, and which pages may embed it.

The page is the same for every id, and says nothing about the link: its secret stands in the fragment, which the page
changes for a token (session.py). What differs is who may put it into a frame, which only a header can say.
"""

from functools import cache
from importlib.resources import files

from footfall import telemetry
from footfall.errors import Unavailable
from footfall.registry.registry import Registry


@cache
def page() -> str:
    """The page: a copy of the dashboard's, which its build writes; its script and style lie at `/assets/`."""
    return files("footfall.shares").joinpath("index.html").read_text("utf-8")


def policy(share_id: str, now_ms: int, registry: Registry) -> str:
    """Who may embed the page, as a Content-Security-Policy: nobody but the origins of a link that is open.

    A link that does not exist, is over, or cannot be looked up is embedded nowhere; the page itself then says what is
    the matter.
    """
    try:
        share = registry.share(share_id)
    except Unavailable as error:
        telemetry.report("an engine does not answer", error)
        telemetry.count(EngineFailures=1)
        share = None
    origins = share.frame_ancestors if share and share.is_open(now_ms) else ()
    return "frame-ancestors " + (" ".join(origins) or "'none'")
