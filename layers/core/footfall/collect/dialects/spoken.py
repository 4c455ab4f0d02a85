"""DIALECTS, the APIs of others by route, and the way of a request through its dialect into accept.py."""

from dataclasses import replace
from typing import Any

from footfall.collect.accept import Collector, NothingAccepted, Sender, accept_batch, accept_event
from footfall.collect.dialects import pixel, plausible, segment, umami
from footfall.collect.dialects.translation import Call, Dialect, Outcome, Translation
from footfall.errors import FootfallError

SEGMENT = Dialect("segment", segment.translate, segment.answer)
PLAUSIBLE = Dialect("plausible", plausible.translate, plausible.answer, has_keys=False)
UMAMI = Dialect("umami", umami.translate, umami.answer, has_keys=False)
UMAMI_BATCH = Dialect("umami", umami.translate_batch, umami.answer_batch, has_keys=False)
PIXEL = Dialect("pixel", pixel.translate, pixel.answer)

DIALECTS: dict[str, Dialect] = {
    "/v1/{call}": SEGMENT,
    "/api/event": PLAUSIBLE,
    "/api/send": UMAMI,
    "/api/batch": UMAMI_BATCH,
    "/pixel.gif": PIXEL,
}
"""Whose API a route of api.ROUTES is."""

_COME_AGAIN = (429, 503)


def accept_spoken(
    dialect: Dialect, call: Call, sender: Sender, now_ms: int, collector: Collector
) -> dict[str, Any]:
    """Accept the events of a request in somebody else's words; the answer is in theirs.

    A message for several sites is taken for each of them; it is refused when none took it. Raises FootfallError.
    """
    outcomes: list[Outcome] = []
    for translation in dialect.translate(call):
        try:
            receipt = _accept(translation, _as(sender, translation, dialect), now_ms, collector)
        except NothingAccepted as refusal:
            outcomes.append(Outcome(translation, refusal.receipt, refusal))
        except FootfallError as refusal:
            if refusal.status in _COME_AGAIN:
                raise
            outcomes.append(Outcome(translation, {}, refusal))
        else:
            outcomes.append(Outcome(translation, receipt))
    refusals = [outcome.error for outcome in outcomes if outcome.error is not None]
    if refusals and len(refusals) == len(outcomes):
        raise refusals[0]
    return dialect.answer(outcomes)


def _accept(
    translation: Translation, sender: Sender, now_ms: int, collector: Collector
) -> dict[str, Any]:
    body = translation.body
    if "batch" in body:
        return accept_batch(body, sender, now_ms, collector)
    return accept_event(body["type"], body, sender, now_ms, collector)


def _as(sender: Sender, translation: Translation, dialect: Dialect) -> Sender:
    """The sender of a translation. A header that holds no key of ours gives way to the key in the body."""
    is_anothers = "writeKey" in translation.body and not sender.key.startswith("ff")
    key = "" if is_anothers else sender.key
    return replace(sender, key=key, named=translation.named, dialect=dialect.name)
