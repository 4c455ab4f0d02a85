"""Where a visitor came from, as a name ("Google", "newsletter"), and what kind of place that is.

Names are those of Matomo's lists of search engines and social networks. A look-up is a handful of
dictionary accesses and is remembered; no list is walked.
"""

import re
from functools import lru_cache
from typing import Literal, cast

from footfall.ingest import lists
from footfall.ingest.referrer import HOST_CHARACTERS, domains

Kind = Literal["", "search", "social", "video", "shopping", "ai", "webmail"]

# The lists write google.{} for google.de, google.co.uk, {}.bing.com for cn.bing.com.
_COUNTRY = re.compile(r"\.(?:(?:com?|net|org|edu|gov|ne|or)\.)?[a-z]{2}$")
_LANGUAGE = re.compile(r"(?<![^.])[a-z]{2}(?=\.)")


def source(utm_source: str, referrer_host: str) -> str:
    """The source of a visit: `utm_source` as it is, else the referring host's name, else that host.

    The host is `referrer`'s, in lower case and without `www.`; "" when there is none.
    """
    return utm_source or name(referrer_host) or referrer_host


def name(host: str) -> str:
    """The name of the social network or search engine with this host; "" for others."""
    return _known(host)[0] if len(host) <= HOST_CHARACTERS else ""


def kind(source: str) -> Kind:
    """What kind of place a source is, a host or the text of a utm_source; "" when it is unknown."""
    return _kind(source) if len(source) <= HOST_CHARACTERS else ""


@lru_cache(4_096)
def _known(host: str) -> tuple[str, Kind]:
    sources = lists.read("sources")
    social: dict[str, str] = sources["social"]
    search: dict[str, str] = sources["search"]
    for domain in domains(host):
        if domain in social:
            return social[domain], "social"
    # A search engine is found by the host itself: mail.google.com is not the engine.
    for engine in (host, host.removeprefix("m.")):
        for pattern in (engine, _any_country(engine), _LANGUAGE.sub("{}", engine)):
            if pattern in search:
                return search[pattern], "search"
    return "", ""


@lru_cache(4_096)
def _kind(source: str) -> Kind:
    source = source.strip().lower().removeprefix("www.")
    kinds: dict[str, str] = lists.read("kinds")
    if source in kinds:
        return _as_kind(kinds[source])
    for domain in domains(source):
        if "." not in domain:
            break
        for pattern in (domain, _any_country(domain)):
            if pattern in kinds:
                return _as_kind(kinds[pattern])
    return _known(source)[1]


def _as_kind(entry: str) -> Kind:
    return "" if entry == "none" else cast(Kind, entry)


def _any_country(domain: str) -> str:
    return _COUNTRY.sub(".{}", domain)
