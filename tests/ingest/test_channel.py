import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.ingest.channel import CHANNELS, UNASSIGNED, channel

CASES = Path(__file__).parents[1] / "data" / "channel" / "velir_dbt_ga4.csv"


def cases() -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def channel_of(source: str = "", medium: str = "", campaign: str = "", host: str = "") -> str:
    return channel(utm_source=source, utm_medium=medium, utm_campaign=campaign, referrer_host=host)


@pytest.mark.parametrize("case", cases(), ids=lambda case: "/".join(case.values()))
def test_a_tagged_visit_is_in_the_channel_of_google_analytics(case: dict[str, str]) -> None:
    found = channel_of(case["source"], case["medium"], case["campaign"])

    assert found == case["expected_channel"]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("", "Direct"),
        ("google.de", "Organic Search"),
        ("l.facebook.com", "Organic Social"),
        ("m.youtube.com", "Organic Video"),
        ("amazon.co.uk", "Organic Shopping"),
        ("chatgpt.com", "AI assistants"),
        ("gemini.google.com", "AI assistants"),
        ("mail.google.com", "Email"),
        ("heise.de", "Referral"),
    ],
)
def test_an_untagged_visit_is_in_the_channel_of_its_referrer(host: str, expected: str) -> None:
    assert channel_of(host=host) == expected


@pytest.mark.parametrize(
    ("source", "medium", "host", "expected"),
    [
        ("newsletter", "email", "mail.google.com", "Email"),
        ("newsletter", "email", "google.com", "Email"),
        ("", "cpc", "google.com", "Paid Search"),
        ("", "cpc", "m.facebook.com", "Paid Social"),
        ("google", "cpc", "", "Paid Search"),
        ("GOOGLE", "CPC", "", "Paid Search"),
        ("newsletter", "cpm", "", "Display"),
        ("chatgpt.com", "", "", "AI assistants"),
        ("chatgpt.com", "referral", "", "AI assistants"),
        ("chatgpt", "cpc", "", "Paid Other"),
        ("partner", "affiliates", "", "Affiliates"),
        ("newsletter", "", "google.com", "Unassigned"),
    ],
)
def test_the_tags_of_a_visit_come_before_its_referrer(
    source: str, medium: str, host: str, expected: str
) -> None:
    assert channel_of(source, medium, host=host) == expected


def test_a_visit_with_a_campaign_alone_is_not_direct() -> None:
    assert channel_of(campaign="spring") == "Unassigned"
    assert channel_of(campaign="spring", host="google.com") == "Organic Search"


@pytest.mark.parametrize(
    ("campaign", "expected"),
    [
        ("shopping", "Organic Shopping"),
        ("eshop-spring", "Organic Shopping"),
        ("spring-shop", "Organic Shopping"),
        ("bishop", "Unassigned"),
        ("workshop", "Unassigned"),
    ],
)
def test_a_campaign_is_a_shops_when_its_name_says_so(campaign: str, expected: str) -> None:
    assert channel_of("newsletter", "", campaign) == expected


@given(st.text(), st.text(), st.text(), st.text())
def test_any_texts_have_a_channel(source: str, medium: str, campaign: str, host: str) -> None:
    names = {name for name, _ in CHANNELS} | {UNASSIGNED}

    assert channel_of(source, medium, campaign, host) in names
