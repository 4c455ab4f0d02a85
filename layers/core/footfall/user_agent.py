"""What a user agent tells: browser, system and kind of device; whether a bot or a library wrote it.

Owns the names and versions that the dimensions browser, os and device show. ua-parser reads browser
and system, is-bot finds the bots; both are loaded on first use, because not all that imports this
module asks them. The rules of our own are the tables below: names as people know them, kinds of
device, the agents of libraries, and browsers that is-bot takes for bots.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any, NamedTuple

Search = Callable[[str], Any]
"""A search in an agent; what it answers is true when something is found."""

CHARACTERS = 1_000
"""What is read of an agent; real browsers have at most about 600. Bounds regexes and caches."""

CACHED = 4_096
"""Distinct agents remembered by each function; a busy site sees a few thousand a day."""


class Agent(NamedTuple):
    """What is known of a visitor's program; missing is "".

    Versions are major.minor, a minor of 0 left out: "153", "17.5", "10.15". What a browser freezes
    is shown as it says it: macOS 10.15, Windows 10, Android 10 in Chrome.
    """

    browser: str = ""
    browser_version: str = ""
    os: str = ""
    os_version: str = ""
    device: str = ""
    """desktop, mobile, tablet, tv or console."""


_UNKNOWN = Agent()

_BROWSERS = {
    "Android": "Android Browser",
    "Baidu Explorer": "Baidu",
    "Chrome Mobile WebView": "Android WebView",
    "Ecosia Android": "Ecosia",
    "Epiphany": "GNOME Web",
    "Google": "Google Search App",
    "IE": "Internet Explorer",
    "IE Large Screen": "Internet Explorer",
    "Mobile Safari UI/WKWebView": "iOS WebView",
    "MiuiBrowser": "Mi Browser",
    "Oculus Browser": "Meta Quest Browser",
    "Opera Touch": "Opera",
    "QQ Browser Mini": "QQ Browser",
    "VivoBrowser": "Vivo Browser",
    "WeChat Browser": "WeChat",
}
"""Names of ua-parser that people would not look for; "Mobile" and "iOS" are cut off all names."""

_SYSTEMS = {
    "ATV OS X": "tvOS",
    "Chromecast Android": "Chromecast",
    "Chromecast Fuchsia": "Chromecast",
    "Chromecast Linux": "Chromecast",
    "Chromecast SmartSpeaker": "Chromecast",
    "Mac OS X": "macOS",
    "Web0S": "webOS",
}

_CONSOLES = ("playstation", "nintendo", "xbox")
_TELEVISIONS = (
    *("smarttv", "smart-tv", "smart tv", "smart_tv", "hbbtv", "appletv", "apple tv", "googletv"),
    *("google tv", "android tv", "opera tv", "philipstv", " tv safari", "crkey", "chromecast"),
    *("roku", "bravia", "netcast", "web0s", "viera", "vidaa", "netrange", "nexus player", "mi box"),
    *("mibox", "mi tv", "mitv", "shield android"),
)
_FIRE_TELEVISION = re.compile(r"\bAFT[A-Z0-9]{1,6}\b")
_TABLETS = ("ipad", "tablet", "playbook", "kindle", "touchpad")
_TABLET_MODEL = re.compile(r"\bKF[A-Z]{2,6}\b|\bSM-[TX]\d{3}")
_PHONES = (
    *("mobi", "iphone", "ipod", "android", "windows phone", "windows ce", "blackberry", "(bb10"),
    *("symbian", "nokia", "midp", "j2me", "opera mini", "kaios", "palm", "up.browser", "docomo"),
    *("kddi", "wap browser"),
)
_DESKTOPS = ("windows", "macintosh", "x11", "linux", "cros ", "bsd", "sunos", "haiku", "amiga")
_DEVICE_OF_SYSTEM = {"iOS": "mobile", "macOS": "desktop", "tvOS": "tv"}
"""For apps on Apple's systems, whose agents ("App/1 CFNetwork/978 Darwin/18") name no device."""

_LIBRARIES = frozenset(
    """
    curl libcurl libcurl-agent php-curl-class pycurl wget wget2 aria2 fetch libfetch winhttp
    python python-requests python-urllib python-urllib3 python-httpx python-aiohttp aiohttp httpx
    urllib3 niquests php guzzlehttp symfony http_request2 ruby faraday typhoeus excon rest-client
    httpclient http.rb httparty perl libwww-perl lwp-request lwp-trivial lwp::simple http-tiny
    mojolicious lua-resty-http node node-fetch node-superagent superagent axios undici got deno bun
    go go-http-client go-resty fasthttp reqwest ureq hyper isahc dart erlang hackney httpoison
    restsharp microsoft-winhttp java java-http-client okhttp apache apache-httpclient
    apache-httpasyncclient jakarta jersey ktor-client unirest-java asynchttpclient ahc akka-http
    vert.x-webclient async-http-client httpie postmanruntime insomnia bruno k6 footfall
    """.split()  # noqa: SIM905 - sixty quoted names read worse
)
"""First words, in lower case, of the agents that HTTP libraries and command line clients send."""

_SDK = re.compile(
    r"(?:segment-)?analytics-(?:python|node|ruby|go|java|php|dotnet|rust|kotlin|swift)\b"
    r"|(?:segment|posthog|rudder|rudderstack|snowplow|mixpanel|amplitude|umami|plausible|openpanel"
    r"|jitsu|matomo|footfall)[-_]"
    r"|@(?:segment|rudderstack|posthog|snowplow|amplitude|umami|jitsu|openpanel)/"
    r"|mozilla/5\.0 umami/",
    re.IGNORECASE,
)
_FIRST_WORD = re.compile(r"[^\s/(;,]+")

# Names of real browsers' devices that hold a word is-bot looks for ("manager", "scan", "google"):
# the televisions of LG, the hand-held computers of Honeywell, the televisions of Google.
_NO_BOT = re.compile(r"WebAppManager|ScanPal|Google TV")

_WORD = re.compile(r"[a-z0-9 /;-]+")


def parse(user_agent: str) -> Agent:
    """Browser, system and device of an agent; all "" for "" and for the own agent of a library."""
    return _parse(user_agent[:CHARACTERS])


def bot_reason(user_agent: str) -> str:
    """Why a visitor with this agent is a bot: "user_agent", or "" when nothing speaks for one.

    It is asked of agents that are a visitor's: a page read with curl was read by a program. Whether
    the agent that *sent* an event is the visitor's at all is the question of `is_library`.
    """
    return _bot_reason(user_agent[:CHARACTERS])


def is_library(user_agent: str) -> bool:
    """Whether this is the own agent of an HTTP library or SDK: curl, node, analytics-python, …"""
    return _is_library(user_agent[:CHARACTERS])


@lru_cache(CACHED)
def _is_library(user_agent: str) -> bool:
    word = _FIRST_WORD.match(user_agent)
    if word is None:
        return False
    return word[0].lower() in _LIBRARIES or _SDK.match(user_agent) is not None


@lru_cache(CACHED)
def _parse(user_agent: str) -> Agent:
    if not user_agent or is_library(user_agent):
        return _UNKNOWN
    import ua_parser  # noqa: PLC0415 - 400 ms with its first answer, for who asks only for bots

    # A lone surrogate, which JSON can spell, is no text to ua-parser.
    user_agent = user_agent.encode("utf-8", "replace").decode()
    found = ua_parser.parser(user_agent, ua_parser.Domain.USER_AGENT | ua_parser.Domain.OS)
    browser, system = found.user_agent, found.os
    os = _SYSTEMS.get(system.family, system.family) if system else ""
    return Agent(
        browser=_browser(browser.family) if browser else "",
        browser_version=_version(browser.major, browser.minor) if browser else "",
        os=os,
        os_version=_version(system.major, system.minor) if system else "",
        device=_device(user_agent) or _DEVICE_OF_SYSTEM.get(os, ""),
    )


def _browser(family: str) -> str:
    name = family.removesuffix(" iOS").removesuffix(" Mobile").removeprefix("Mobile ")
    return _BROWSERS.get(family) or _BROWSERS.get(name, name)


def _version(major: str | None, minor: str | None) -> str:
    return f"{major}.{minor}" if major and minor and minor.strip("0") else major or ""


def _device(user_agent: str) -> str:
    # The first that holds decides: a console or television also names the system it is made of.
    # "Tablet PC" is a component of Internet Explorer.
    text = user_agent.lower().replace("tablet pc", "")
    if _names(text, _CONSOLES):
        return "console"
    if _names(text, _TELEVISIONS) or _FIRE_TELEVISION.search(user_agent):
        return "tv"
    if _names(text, _TABLETS) or _TABLET_MODEL.search(user_agent) or _is_android_tablet(text):
        return "tablet"
    if _names(text, _PHONES):
        return "mobile"
    return "desktop" if _names(text, _DESKTOPS) else ""


def _is_android_tablet(text: str) -> bool:
    """A browser on Android says Mobile on a phone only; an app ("Dalvik/…") never does."""
    return text.startswith("mozilla/") and "android" in text and "mobi" not in text


def _names(text: str, words: Iterable[str]) -> bool:
    return any(word in text for word in words)


@lru_cache(CACHED)
def _bot_reason(user_agent: str) -> str:
    if not user_agent:
        return ""
    return "user_agent" if _is_bot(_NO_BOT.sub("", user_agent)) else ""


def _is_bot(user_agent: str) -> bool:
    """Whether one of is-bot's patterns is found.

    The same as its `Bots().is_bot`, in a twentieth of the time: that tries all 200 at every
    character, while a search for one of them jumps from one rare letter to the next.
    """
    words, starts, others = _patterns()
    return (
        _names(user_agent.lower(), words)
        or bool(starts(user_agent))
        or any(search(user_agent) for search in others)
    )


@cache
def _patterns() -> tuple[tuple[str, ...], Search, tuple[Search, ...]]:
    """The patterns of is-bot: plain words, all that look at the start of an agent, the others."""
    import regex  # type: ignore[import-untyped, unused-ignore] # noqa: PLC0415 - as above
    from is_bot import Bots  # noqa: PLC0415

    patterns = Bots().patterns
    words = tuple(pattern for pattern in patterns if _WORD.fullmatch(pattern))
    starts = "|".join(pattern for pattern in patterns if pattern.startswith("^"))
    others = [pattern for pattern in patterns.difference(words) if not pattern.startswith("^")]
    return (
        words,
        regex.compile(starts, regex.IGNORECASE).match,
        tuple(regex.compile(pattern, regex.IGNORECASE).search for pattern in others),
    )
