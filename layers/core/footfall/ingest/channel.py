"""The channel of a visit: the default channel group of Google Analytics 4, and AI assistants.

CHANNELS is the specification: the first rule that holds decides. It follows GA4's rules for traffic
that is tagged by hand: what was paid for tells by its medium. Added to it are *AI assistants*
(ChatGPT, Perplexity, …: GA4's referrals) and webmail, which is *Email*.

A click id in the page's URL stands for the medium that nobody tagged: advertisers' say that the
click was paid for, which Google's own (gclid) says in GA4 too; those that a network adds to every
link (fbclid) only name the network where no referrer does.

A visit without utm_source and utm_medium has the medium that GA4 gives it: organic from a search
engine, referral from any other site, none without a referrer.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from footfall.ingest.source import Kind, kind

CHARACTERS = 256
"""What is read of a campaign's texts; real ones are far shorter. Bounds the remembered answers."""

_PAID = re.compile(r".*cp.*|ppc|retargeting|paid.*", re.DOTALL)
_SHOP = re.compile(r"(?:[^a-df-z]|^)shop|shopping")
_DISPLAY = frozenset({"display", "banner", "expandable", "interstitial", "cpm"})
_SOCIAL = frozenset(
    {"social", "social-network", "social-media", "sm", "social network", "social media"}
)
_REFERRAL = frozenset({"referral", "app", "link"})
_EMAIL = frozenset({"email", "e-mail", "e_mail", "e mail"})
_AFFILIATES = frozenset({"affiliate", "affiliates"})
_NO_SOURCE = frozenset({"", "(direct)", "direct", "(none)", "(not set)"})
_NO_MEDIUM = frozenset({"", "(none)", "(not set)"})


class Visit(NamedTuple):
    """What decides the channel; texts in lower case, missing is ""."""

    source: str
    medium: str
    campaign: str
    kind: Kind
    """What kind of place the source is."""
    is_paid: bool
    """The medium says that somebody paid for the visit."""
    is_shop: bool
    """The source is a shop, or the campaign is named after one."""


_CLICKS = {
    **dict.fromkeys(("gclid", "gbraid", "wbraid"), ("google", "cpc")),
    "dclid": ("google", "display"),
    "msclkid": ("bing", "cpc"),
    "yclid": ("yandex", "cpc"),
    "ttclid": ("tiktok", "paid-social"),
    "twclid": ("twitter", "paid-social"),
    "li_fat_id": ("linkedin", "paid-social"),
    "sccid": ("snapchat", "paid-social"),
    "rdt_cid": ("reddit", "paid-social"),
    "fbclid": ("facebook", ""),
    "igshid": ("instagram", ""),
}
"""Source and medium that a click id stands for, by its name."""

Rule = Callable[[Visit], bool]

CHANNELS: tuple[tuple[str, Rule], ...] = (
    ("Direct", lambda v: v.source in _NO_SOURCE and v.medium in _NO_MEDIUM and not v.campaign),
    ("Cross-network", lambda v: "cross-network" in v.campaign),
    ("Paid Shopping", lambda v: v.is_paid and v.is_shop),
    ("Paid Search", lambda v: v.is_paid and v.kind == "search"),
    ("Paid Social", lambda v: v.is_paid and v.kind == "social"),
    ("Paid Video", lambda v: v.is_paid and v.kind == "video"),
    ("Display", lambda v: v.medium in _DISPLAY),
    ("Paid Other", lambda v: v.is_paid),
    ("AI assistants", lambda v: v.kind == "ai"),
    ("Organic Shopping", lambda v: v.is_shop),
    ("Organic Social", lambda v: v.kind == "social" or v.medium in _SOCIAL),
    ("Organic Video", lambda v: v.kind == "video" or "video" in v.medium),
    ("Organic Search", lambda v: v.kind == "search" or v.medium == "organic"),
    ("Email", lambda v: v.kind == "webmail" or v.source in _EMAIL or v.medium in _EMAIL),
    ("Referral", lambda v: v.medium in _REFERRAL),
    ("Affiliates", lambda v: v.medium in _AFFILIATES),
    ("Audio", lambda v: v.medium == "audio"),
    ("SMS", lambda v: "sms" in (v.source, v.medium)),
    (
        "Mobile Push Notifications",
        lambda v: (
            v.medium.endswith("push")
            or "mobile" in v.medium
            or "notification" in v.medium
            or v.source == "firebase"
        ),
    ),
)
UNASSIGNED = "Unassigned"
"""The channel of tagged visits that no rule holds for."""


def channel(
    *, utm_source: str, utm_medium: str, utm_campaign: str, referrer_host: str, click_id: str = ""
) -> str:
    """The channel of a visit with these texts from this host: a name of CHANNELS, or UNASSIGNED.

    Letter case does not matter. Without a `utm_source` the referring host is the source. `click_id` is the name of a
    click id in the page's URL; it counts where there is no `utm_medium`.
    """
    if not (utm_source or utm_medium or utm_campaign or click_id):
        return _channel("", "", "", referrer_host[:CHARACTERS].strip().lower())
    if click_id and not utm_medium.strip():
        clicked, utm_medium = _CLICKS.get(click_id, ("", ""))
        if utm_medium or not referrer_host:
            utm_source = utm_source or clicked
    texts = (utm_source, utm_medium, utm_campaign, referrer_host)
    return _channel(*(text[:CHARACTERS].strip().lower() for text in texts))


@lru_cache(4_096)
def _channel(utm_source: str, utm_medium: str, utm_campaign: str, referrer_host: str) -> str:
    source, medium = utm_source or referrer_host, utm_medium
    place = kind(source)
    if referrer_host and not utm_source and not utm_medium:
        medium = "organic" if place == "search" else "referral"
    visit = Visit(
        source=source,
        medium=medium,
        campaign=utm_campaign,
        kind=place,
        is_paid=_PAID.fullmatch(medium) is not None,
        is_shop=place == "shopping" or _SHOP.search(utm_campaign) is not None,
    )
    return next((name for name, holds in CHANNELS if holds(visit)), UNASSIGNED)
