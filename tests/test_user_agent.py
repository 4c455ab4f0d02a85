import csv
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from is_bot import Bots

from footfall.user_agent import CHARACTERS, Agent, bot_reason, is_library, parse

DATA = Path(__file__).parent / "data" / "user_agents"


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def webkit(platform: str, products: str) -> str:
    """The agent of a browser of the WebKit family."""
    return f"Mozilla/5.0 ({platform}) AppleWebKit/537.36 (KHTML, like Gecko) {products}"


MAC = "Macintosh; Intel Mac OS X 10_15_7"
WINDOWS = "Windows NT 10.0; Win64; x64"
IPHONE = "iPhone; CPU iPhone OS 17_5_1 like Mac OS X"
ANDROID = "Linux; Android 10; K"
CHROME = "Chrome/124.0.0.0 Safari/537.36"
CHROME_MOBILE = "Chrome/124.0.0.0 Mobile Safari/537.36"
LG_TELEVISION = webkit("Web0S; Linux/SmartTV", f"{CHROME} WebAppManager")
SCANNER = webkit("Linux; Android 9; ScanPal EDA50K", CHROME_MOBILE)
GOOGLE_TELEVISION = webkit("Linux; Android 12; Google TV Streamer", CHROME)

AGENTS = [
    (
        webkit(WINDOWS, "Chrome/153.0.0.0 Safari/537.36"),
        Agent("Chrome", "153", "Windows", "10", "desktop"),
    ),
    (
        webkit(MAC, "Version/17.5 Safari/605.1.15"),
        Agent("Safari", "17.5", "macOS", "10.15", "desktop"),
    ),
    (
        "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0",
        Agent("Firefox", "126", "Ubuntu", "", "desktop"),
    ),
    (
        webkit(WINDOWS, "Chrome/153.0.0.0 Safari/537.36 Edg/153.0.0.0"),
        Agent("Edge", "153", "Windows", "10", "desktop"),
    ),
    (
        webkit(WINDOWS, "Chrome/122.0.0.0 Safari/537.36 OPR/108.0.0.0"),
        Agent("Opera", "108", "Windows", "10", "desktop"),
    ),
    (
        webkit("X11; CrOS x86_64 14541.0.0", "Chrome/152.0.0.0 Safari/537.36"),
        Agent("Chrome", "152", "Chrome OS", "14541", "desktop"),
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; Tablet PC 2.0; rv:11.0) like Gecko",
        Agent("Internet Explorer", "11", "Windows", "10", "desktop"),
    ),
    (
        webkit(IPHONE, "Version/17.5 Mobile/15E148 Safari/604.1"),
        Agent("Safari", "17.5", "iOS", "17.5", "mobile"),
    ),
    (
        webkit(IPHONE, "CriOS/124.0.6367.111 Mobile/15E148 Safari/604.1"),
        Agent("Chrome", "124", "iOS", "17.5", "mobile"),
    ),
    (
        webkit(IPHONE, "FxiOS/126.0 Mobile/15E148 Safari/605.1.15"),
        Agent("Firefox", "126", "iOS", "17.5", "mobile"),
    ),
    (
        webkit(IPHONE, "Version/17.0 EdgiOS/124.0.2478.89 Mobile/15E148 Safari/604.1"),
        Agent("Edge", "124", "iOS", "17.5", "mobile"),
    ),
    (
        webkit(IPHONE, "GSA/318.0.638059479 Mobile/15E148 Safari/604.1"),
        Agent("Google Search App", "318", "iOS", "17.5", "mobile"),
    ),
    (webkit(IPHONE, "Mobile/15E148"), Agent("iOS WebView", "", "iOS", "17.5", "mobile")),
    (
        webkit(
            IPHONE,
            "Mobile/15E148 Instagram 330.0.0.40.92 (iPhone14,5; iOS 17_5; en_US; scale=3.00)",
        ),
        Agent("Instagram", "330", "iOS", "17.5", "mobile"),
    ),
    (
        webkit(ANDROID, "Chrome/124.0.0.0 Mobile Safari/537.36"),
        Agent("Chrome", "124", "Android", "10", "mobile"),
    ),
    (
        webkit(ANDROID, "SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36"),
        Agent("Samsung Internet", "25", "Android", "10", "mobile"),
    ),
    (
        webkit(ANDROID, "Chrome/124.0.0.0 Mobile Safari/537.36 OPR/82.0.0.0"),
        Agent("Opera", "82", "Android", "10", "mobile"),
    ),
    (
        "Mozilla/5.0 (Android 14; Mobile; rv:126.0) Gecko/126.0 Firefox/126.0",
        Agent("Firefox", "126", "Android", "14", "mobile"),
    ),
    (
        webkit("Linux; Android 14; Pixel 8; wv", f"Version/4.0 {CHROME_MOBILE}"),
        Agent("Android WebView", "124", "Android", "14", "mobile"),
    ),
    (
        "Opera/9.80 (Android; Opera Mini/36.2.2254/191.308; U; id) Presto/2.12.423 Version/12.16",
        Agent("Opera Mini", "36.2", "Android", "", "mobile"),
    ),
    (
        "Dalvik/2.1.0 (Linux; U; Android 13; SM-G991B Build/TP1A.220624.014)",
        Agent("Android Browser", "13", "Android", "13", "mobile"),
    ),
    (
        "Dalvik/2.1.0 (Linux; U; Android 13; SM-X700 Build/TP1A.220624.014)",
        Agent("Android Browser", "13", "Android", "13", "tablet"),
    ),
    (
        webkit("iPad; CPU OS 17_5 like Mac OS X", "Version/17.5 Mobile/15E148 Safari/604.1"),
        Agent("Safari", "17.5", "iOS", "17.5", "tablet"),
    ),
    (
        webkit(ANDROID, "Chrome/124.0.0.0 Safari/537.36"),
        Agent("Chrome", "124", "Android", "10", "tablet"),
    ),
    (
        webkit("Linux; Android 9; KFMAWI", "Silk/124.3.1 like Chrome/124.0.6367.82 Safari/537.36"),
        Agent("Amazon Silk", "124.3", "Android", "9", "tablet"),
    ),
    (LG_TELEVISION, Agent("Chrome", "124", "webOS", "", "tv")),
    (
        webkit(
            "SMART-TV; Linux; Tizen 5.0", "SamsungBrowser/2.2 Chrome/63.0.3239.84 TV Safari/537.36"
        ),
        Agent("Samsung Internet", "2.2", "Tizen", "5", "tv"),
    ),
    (
        webkit(
            "Linux; Android 9; AFTKA Build/PS7633.3445N; wv",
            "Version/4.0 Chrome/124.0.6367.82 Mobile Safari/537.36",
        ),
        Agent("Android WebView", "124", "Android", "9", "tv"),
    ),
    (
        webkit("PlayStation; PlayStation 5/8.20", "Version/16.4 Safari/605.1.15"),
        Agent("Safari", "16.4", "", "", "console"),
    ),
    (
        webkit(
            "Windows NT 10.0; Win64; x64; Xbox; Xbox One",
            "Chrome/124.0.0.0 Safari/537.36 Edg/124.0.0.0",
        ),
        Agent("Edge", "124", "Windows", "10", "console"),
    ),
    ("App/1 CFNetwork/1220.1 Darwin/20.3.0", Agent("App", "1", "iOS", "14.4", "mobile")),
    ("", Agent()),
    ("no agent of anybody", Agent()),
]


@pytest.mark.parametrize(("user_agent", "agent"), AGENTS)
def test_an_agent_has_the_names_that_people_look_for(user_agent: str, agent: Agent) -> None:
    assert parse(user_agent) == agent


def test_the_device_is_right_on_labelled_traffic() -> None:
    labelled = rows("device_category.tsv")

    right = [row for row in labelled if parse(row["user_agent"]).device == row["device_category"]]

    assert len(right) >= 0.99 * len(labelled)
    assert weight(right) >= 0.99 * weight(labelled)


def weight(labelled: list[dict[str, str]]) -> float:
    return sum(float(row["traffic_weight"]) for row in labelled)


def test_every_labelled_visitor_has_a_browser_and_a_system() -> None:
    agents = [parse(row["user_agent"]) for row in rows("device_category.tsv")]

    assert all(agent.browser and agent.os for agent in agents)


def test_bots_are_found_on_labelled_agents() -> None:
    bots = [row for row in rows("bot_labels.tsv") if row["label"] == "bot"]

    found = [row for row in bots if bot_reason(row["user_agent"]) == "user_agent"]

    assert len(found) >= 0.98 * len(bots)


def test_the_same_agents_are_bots_as_is_bot_finds() -> None:
    labelled = [row["user_agent"] for row in rows("bot_labels.tsv")]

    differing = [
        user_agent
        for user_agent in labelled
        if Bots().is_bot(user_agent) != bool(bot_reason(user_agent))
    ]

    assert differing == []


def test_no_labelled_browser_is_a_bot() -> None:
    browsers = [row["user_agent"] for row in rows("bot_labels.tsv") if row["label"] == "human"]
    browsers += [row["user_agent"] for row in rows("device_category.tsv")]

    assert [user_agent for user_agent in browsers if bot_reason(user_agent)] == []


@pytest.mark.parametrize("user_agent", [agent for agent, _ in AGENTS if "Mozilla/" in agent])
def test_no_browser_of_today_is_a_bot(user_agent: str) -> None:
    assert bot_reason(user_agent) == ""


@pytest.mark.parametrize("user_agent", [LG_TELEVISION, SCANNER, GOOGLE_TELEVISION])
def test_a_bot_is_found_when_it_takes_the_name_of_a_device(user_agent: str) -> None:
    assert bot_reason(user_agent) == ""
    assert bot_reason(f"{user_agent} (compatible; Examplebot/1.0)") == "user_agent"


def test_a_visit_with_a_command_line_client_is_a_bot() -> None:
    assert bot_reason("curl/8.5.0") == "user_agent"
    assert bot_reason("") == ""


LIBRARIES = [
    "curl/8.5.0",
    "Wget/1.21.4",
    "python-requests/2.32.3",
    "Python-urllib/3.11",
    "python-httpx/0.28.1",
    "Python/3.11 aiohttp/3.9.5",
    "node",
    "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
    "axios/1.7.2",
    "undici",
    "Go-http-client/2.0",
    "okhttp/4.12.0",
    "Java/17.0.10",
    "Java-http-client/21.0.2",
    "Apache-HttpClient/4.5.14 (Java/17.0.10)",
    "PHP/8.3",
    "GuzzleHttp/7",
    "Ruby",
    "Dart/3.3 (dart:io)",
    "Deno/1.43",
    "reqwest/0.12",
    "PostmanRuntime/7.39.0",
    "analytics-python/2.4.0",
    "analytics-node/2.1.2",
    "segment-analytics-python/2.3.2",
    "posthog-python/7.9.1",
    "posthog-node/5.8.0",
    "rudder-sdk-python/2.1.9",
    "@rudderstack/rudder-sdk-node/3.0.13",
    "snowplow-nodejs-tracker/4.0.0",
    "Mozilla/5.0 Umami/v22.3.0",
    "footfall/0.1.0",
]


@pytest.mark.parametrize("user_agent", LIBRARIES)
def test_a_library_has_no_browser_and_no_device(user_agent: str) -> None:
    assert is_library(user_agent)
    assert parse(user_agent) == Agent()


@pytest.mark.parametrize("user_agent", ["Googlebot/2.1 (+http://www.google.com/bot.html)", "", "-"])
def test_what_is_no_library_is_not_taken_for_one(user_agent: str) -> None:
    assert not is_library(user_agent)


def test_no_browser_is_taken_for_a_library() -> None:
    browsers = [row["user_agent"] for row in rows("bot_labels.tsv") if row["label"] == "human"]
    browsers += [row["user_agent"] for row in rows("device_category.tsv")]

    assert [user_agent for user_agent in browsers if is_library(user_agent)] == []


@given(st.text(st.characters(exclude_categories=()), max_size=2 * CHARACTERS))
@example("\ud800")
def test_any_text_is_an_agent(user_agent: str) -> None:
    assert all(isinstance(text, str) for text in parse(user_agent))
    assert bot_reason(user_agent) in ("", "user_agent")
    assert is_library(user_agent) in (True, False)


def test_an_endless_agent_is_read_as_far_as_real_ones_go() -> None:
    browser = webkit(WINDOWS, CHROME) + " "

    assert parse(browser + "x" * 1_000_000) == parse(browser)


def test_importing_the_module_loads_neither_parser_nor_patterns() -> None:
    program = "import sys, footfall.user_agent; print({'ua_parser', 'is_bot'} & sys.modules.keys())"
    environment = {"PYTHONPATH": ":".join(filter(None, sys.path))}

    printed = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )

    assert printed.stdout.strip() == "set()"
