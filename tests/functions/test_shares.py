"""Shared links over HTTP: made, opened, read under their filters, revoked, and what they never do."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from footfall import wiring
from footfall.config import Settings
from footfall.errors import Unavailable
from footfall.keys import digest
from footfall.share import TOKEN_MS, Share, make_secret
from footfall.shares.page import page
from footfall.shares.page import policy as frame_policy
from tests.builders import API_KEY, Product, Send, pageview

ADMIN = {"authorization": f"Bearer {API_KEY}"}
PERIOD = {"period": "7d"}


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def make(send: Send, site: str = "default", **body: Any) -> tuple[dict[str, Any], str]:
    """A new link: the share as it is shown, and its secret."""
    status, answer, _ = send("POST", f"/sites/{site}/shares", body, headers=ADMIN)
    assert status == 200, answer
    _, _, secret = answer["url"].partition("#k=")
    assert answer["url"] == f"/share/{answer['share']['id']}#k={secret}"
    return answer["share"], secret


def opened(send: Send, share: dict[str, Any], secret: str, **more: Any) -> str:
    """The token of a link."""
    status, answer, _ = send("POST", f"/shares/{share['id']}/session", {"secret": secret} | more)
    assert status == 200, answer
    return str(answer["token"])


def refused(answer: tuple[int, Any, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["code"]


@pytest.fixture
def visited(send: Send, wired: Product) -> Product:
    """A site with views of two paths, and another site with one."""
    assert send("POST", "/sites", {"name": "Shop", "id": "shop"}, headers=ADMIN)[0] == 200
    for visitor, path in (("v1", "/docs"), ("v2", "/docs"), ("v2", "/pricing"), ("v3", "/")):
        send("POST", "/pageview", pageview(visitor, path))
    send("POST", "/pageview", pageview("v9", "/secret") | {"site": "shop"}, headers=ADMIN)
    wired.drain()
    return wired


def policy(send: Send, share_id: str) -> str:
    """Who may embed the page of a link."""
    status, text, headers = send("GET", f"/share/{quote(share_id)}")
    assert (status, text) == (200, page())
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    return headers["content-security-policy"]


def test_the_page_of_a_link_is_embedded_by_its_origins_and_by_no_other(send: Send, wired: Product):
    origins = ["https://blog.example", "http://localhost:8000"]
    embedded, _ = make(send, frame_ancestors=origins, password="correct horse")
    plain, _ = make(send)

    assert policy(send, embedded["id"]) == f"frame-ancestors {' '.join(origins)}"
    assert policy(send, plain["id"]) == "frame-ancestors 'none'"

    send("DELETE", f"/sites/default/shares/{embedded['id']}", headers=ADMIN)
    assert policy(send, embedded["id"]) == "frame-ancestors 'none'"


def test_a_link_that_is_over_is_embedded_nowhere(send: Send, wired: Product):
    share, _ = make(send, frame_ancestors=["https://blog.example"], expires="2099-01-01T00:00:00Z")
    ends = int(datetime(2099, 1, 1, tzinfo=UTC).timestamp() * 1000)

    assert frame_policy(share["id"], ends - 1, wired.registry).endswith(" https://blog.example")
    assert frame_policy(share["id"], ends, wired.registry) == "frame-ancestors 'none'"


@pytest.mark.parametrize(
    "share_id",
    [
        "default_0123456789abcdef",
        "nowhere_0123456789abcdef",
        "x",
        "..",
        "a/b",
        "%00",
        "'; script-src *",
        "\r\nx: y",
        "é",
        "x" * 5_000,
    ],
)
def test_the_page_of_no_link_is_that_of_one_which_nobody_may_embed(
    share_id: str, send: Send, wired: Product
):
    assert policy(send, share_id) == "frame-ancestors 'none'"


def test_the_page_is_there_while_links_cannot_be_looked_up(
    send: Send, wired: Product, monkeypatch: pytest.MonkeyPatch
):
    share, _ = make(send, frame_ancestors=["https://blog.example"])

    def unavailable(share_id: str) -> None:
        raise Unavailable("counters_unavailable", "Not now.")

    monkeypatch.setattr(wired.registry, "share", unavailable)

    assert policy(send, share["id"]) == "frame-ancestors 'none'"


def test_a_link_is_made_opened_read_and_revoked(send: Send, visited: Product):
    share, secret = make(send, name="For Ada")
    assert share["is_open"]
    assert (share["site"], share["name"], share["filters"]) == ("default", "For Ada", [])

    status, session, _ = send("POST", f"/shares/{share['id']}/session", {"secret": secret})
    assert status == 200
    assert session["site"] == {"id": "default", "name": "", "timezone": "UTC"}
    token = session["token"]

    status, answer, _ = send("GET", "/metrics", query=PERIOD, headers=bearer(token))
    assert status == 200
    assert answer["metrics"]["pageviews"]["value"] == 4
    assert send("GET", "/realtime", headers=bearer(token))[1]["pageviewsLast5Min"] == 4

    listed = send("GET", "/sites/default/shares", headers=ADMIN)[1]
    assert listed == {"shares": [share]}
    assert secret not in json.dumps(listed)
    path = f"/sites/default/shares/{share['id']}"
    for _ in range(2):
        status, answer, _ = send("DELETE", path, headers=ADMIN)
        assert (status, answer["share"]["is_open"]) == (200, False)
    assert refused(send("GET", "/metrics", headers=bearer(token))) == (401, "wrong_key")
    again = send("POST", f"/shares/{share['id']}/session", {"secret": secret})
    assert refused(again) == (404, "unknown_share")


def test_the_url_of_a_link_begins_with_where_the_dashboard_is(
    send: Send, wired: Product, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(wiring, "settings", lambda: Settings(dashboard_url="https://stats.example"))

    _, answer, _ = send("POST", "/sites/default/shares", {}, headers=ADMIN)

    assert answer["url"].startswith(f"https://stats.example/share/{answer['share']['id']}#k=ffl_")


@pytest.mark.parametrize(
    "filters",
    [
        [["is", "page", ["/docs"]]],
        ["is", "page", ["/docs"]],
        ["or", [["is", "page", ["/docs"]], ["is", "page", ["/nowhere"]]]],
    ],
)
@pytest.mark.parametrize(
    "sent",
    [
        [],
        [["or", [["is", "page", ["/docs"]], ["is", "page", ["/", "/pricing"]]]]],
        ["or", [["is", "page", ["/pricing"]], ["is_not", "page", ["/docs"]]]],
    ],
)
def test_questions_narrow_the_filters_of_a_link_and_never_widen_them(
    send: Send, visited: Product, filters: list[Any], sent: list[Any]
):
    token = opened(send, *make(send, filters=filters))
    expected = 0 if sent and sent[0] == "or" else 2

    def ask(method: str, path: str, body: Any = None, **query: str) -> Any:
        status, answer, _ = send(method, path, body, query=query, headers=bearer(token))
        assert status == 200, answer
        return answer

    text = json.dumps(sent)
    metrics = ask("GET", "/metrics", period="7d", filters=text)["metrics"]
    assert metrics["pageviews"]["value"] == expected
    pages = ask(
        "GET", "/breakdown", period="7d", dimension="page", metric="pageviews", filters=text
    )
    assert [(row["dimension"], row["value"]) for row in pages["data"]] == (
        [("/docs", 2)] if expected else []
    )
    series = ask("GET", "/timeseries", period="7d", filters=text)
    assert sum(row["value"] for row in series["data"]) == expected
    values = ask("GET", "/values", period="7d", dimension="page", filters=text)["data"]
    assert [row["value"] for row in values] == (["/docs"] if expected else [])
    query = {"metrics": ["pageviews"], "date_range": "7d", "filters": sent}
    assert ask("POST", "/query", query)["results"][0]["metrics"] == [expected]
    listed = ask("POST", "/query", [query, {"metrics": ["pageviews"], "date_range": "7d"}])
    assert [answer["results"][0]["metrics"] for answer in listed] == [[expected], [2]]


def test_what_has_no_filter_is_refused_to_a_link_that_has_one(send: Send, visited: Product):
    token = opened(send, *make(send, filters=[["is", "page", ["/docs"]]]))

    for path in ("/daily", "/realtime"):
        assert refused(send("GET", path, headers=bearer(token))) == (403, "wrong_scope")
    plain = opened(send, *make(send))
    assert send("GET", "/daily", headers=bearer(plain))[0] == 200


def test_filters_that_are_none_are_refused_and_not_left_out(send: Send, visited: Product):
    token = opened(send, *make(send, filters=[["is", "page", ["/docs"]]]))
    nested = ["[" * levels + "]" * levels for levels in range(700, 1_000)]

    for sent in ('"x"', "{", "null", "7", "[[[", '{"a":1}', *nested):
        answer = send("GET", "/metrics", query=PERIOD | {"filters": sent}, headers=bearer(token))

        assert answer[0] == 422, sent[:20]


def test_a_token_reads_its_site_alone_and_does_nothing_else(send: Send, visited: Product):
    share, secret = make(send)
    token = opened(send, share, secret)

    other = send("GET", "/metrics", query={"site": "shop"}, headers=bearer(token))
    assert refused(other) == (403, "wrong_site")
    query = {"metrics": ["pageviews"], "date_range": "7d", "site": "shop"}
    assert refused(send("POST", "/query", query, headers=bearer(token))) == (403, "wrong_site")
    assert (
        send("POST", "/query", [query], headers=bearer(token))[1][0]["error"]["code"]
        == "wrong_site"
    )
    assert refused(send("GET", "/sites/shop/annotations", headers=bearer(token))) == (
        403,
        "wrong_site",
    )
    for method, path, body in (
        ("GET", "/access", None),
        ("GET", "/sites", None),
        ("PATCH", "/sites/default", {"name": "Mine"}),
        ("GET", "/sites/default/keys", None),
        ("POST", "/sites/default/keys", {"scope": "admin"}),
        ("GET", "/sites/default/shares", None),
        ("POST", "/sites/default/shares", {}),
        ("DELETE", f"/sites/default/shares/{share['id']}", None),
        ("POST", "/sites/default/annotations", {"at": "2026-03-01", "text": "x"}),
        ("GET", "/rejects", None),
        ("POST", "/rejects/replay", {}),
        ("GET", "/doctor", None),
        ("POST", "/rollup", {}),
        ("GET", "/visitors/v1/export", None),
        ("DELETE", "/visitors/v1", None),
    ):
        answer = send(method, path, body, headers=bearer(token))
        assert refused(answer) == (403, "wrong_scope"), (method, path, answer)
    for path, body in (("/pageview", pageview("v1")), ("/import", {"batch": [pageview("v1")]})):
        assert send("POST", path, body, headers=bearer(token))[0] in (401, 403), path
    assert send("POST", f"/shares/{share['id']}/session", {"secret": token})[0] == 404
    assert refused(send("GET", "/metrics", headers=bearer(secret))) == (401, "wrong_key")


def test_a_token_that_nobody_signed_opens_nothing(send: Send, visited: Product):
    share, secret = make(send)
    other, _ = make(send, filters=[["is", "page", ["/docs"]]])
    token = opened(send, share, secret)
    head, expires, signature = token.rsplit("_", 2)

    forged = [
        f"{head}_{int(expires) + 1}_{signature}",
        f"{head}_{expires}_{'0' * 64}",
        f"fft_{other['id']}_{expires}_{signature}",
        f"fft_shop_{'0' * 16}_{expires}_{signature}",
        token[:-1],
        "fft_",
    ]
    for text in forged:
        assert refused(send("GET", "/metrics", headers=bearer(text))) == (401, "wrong_key"), text


def test_a_token_ends_after_its_time_and_with_its_link(
    send: Send, visited: Product, monkeypatch: pytest.MonkeyPatch
):
    token = opened(send, *make(send))
    ends = int(token.rsplit("_", 2)[1])
    visited.registry.time = lambda: (ends - 1) / 1000
    assert send("GET", "/metrics", headers=bearer(token))[0] == 200
    visited.registry.time = lambda: ends / 1000
    assert refused(send("GET", "/metrics", headers=bearer(token))) == (401, "wrong_key")

    share, secret = make(send, expires="2099-01-01T00:00:00Z")
    assert share["expires"] == "2099-01-01T00:00:00.000+00:00"
    assert int(opened(send, share, secret).rsplit("_", 2)[1]) < ends + TOKEN_MS


@pytest.mark.parametrize("at", ["open", "over", "token over"])
def test_a_link_that_has_an_end_is_over_then(at: str, visited: Product):
    share = Share("default_" + "0" * 16, "default", digest(make_secret()), expires_at=1_000)
    token, expires = share.token(400)

    assert expires == 1_000
    signature = token.rsplit("_", 1)[1]
    now_ms = {"open": 999, "over": 1_000, "token over": 2_000}[at]
    assert (share.access(expires, signature, now_ms) is not None) == (at == "open")
    assert share.is_open(now_ms) == (at == "open")


def test_a_link_with_a_password_opens_with_it_and_tries_are_limited(send: Send, visited: Product):
    share, secret = make(send, password="correct horse")
    path = f"/shares/{share['id']}/session"
    assert share["has_password"]

    def tried(password: str | None, secret: str = secret) -> tuple[int, str]:
        answer = send("POST", path, {"secret": secret, "password": password})
        return (200, "") if answer[0] == 200 else refused(answer)

    assert tried(None) == tried("") == (401, "password_needed")
    for _ in range(20):  # right ones are not counted
        assert tried("correct horse") == (200, "")
        # Who has not even the link learns nothing and uses up nothing.
        assert tried("x", "ffl_wrong") == (404, "unknown_share")
    for _ in range(10):
        assert tried("wrong horse") == (401, "wrong_password")
    answer = send("POST", path, {"secret": secret, "password": "correct horse"})
    assert refused(answer) == (429, "too_many_tries")
    assert answer[2]["retry-after"] == "60"
    other, other_secret = make(send, password="battery staple")
    assert opened(send, other, other_secret, password="battery staple")


def test_right_passwords_that_come_together_use_up_nothing(send: Send, visited: Product):
    share, secret = make(send, password="correct horse")
    body = {"secret": secret, "password": "correct horse"}
    for _ in range(10):  # under way at the same time
        visited.counters.tried("default", share["id"], 900)
    for _ in range(5):
        assert send("POST", f"/shares/{share['id']}/session", body)[0] == 429
    for _ in range(10):
        visited.counters.forget_try("default", share["id"], 900)

    assert send("POST", f"/shares/{share['id']}/session", body)[0] == 200


def test_a_password_is_not_tried_while_tries_cannot_be_counted(send: Send, visited: Product):
    share, secret = make(send, password="correct horse")
    visited.counters._ask = lambda commands: None  # type: ignore[method-assign]

    answer = send(
        "POST", f"/shares/{share['id']}/session", {"secret": secret, "password": "correct horse"}
    )

    assert answer[0] == 503


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"name": 7}, "name"),
        ({"expires": "2020-01-01"}, "expires"),
        ({"expires": 7}, "expires"),
        ({"expires": "soon"}, "expires"),
        ({"password": "short"}, "password"),
        ({"password": 12345678}, "password"),
        ({"frame_ancestors": "https://a.example"}, "frame_ancestors"),
        ({"frame_ancestors": ["a.example"]}, "frame_ancestors"),
        ({"frame_ancestors": ["https://a.example; script-src *"]}, "frame_ancestors"),
        ({"frame_ancestors": ["https://a.example/path"]}, "frame_ancestors"),
        ({"frame_ancestors": ["https://u:p@a.example"]}, "frame_ancestors"),
        ({"frame_ancestors": ["https://a.example:x"]}, "frame_ancestors"),
        ({"frame_ancestors": ["*"]}, "frame_ancestors"),
    ],
)
def test_a_link_that_is_not_possible_is_refused_by_its_field(
    send: Send, wired: Product, body: dict[str, Any], field: str
):
    status, answer, _ = send("POST", "/sites/default/shares", body, headers=ADMIN)

    assert (status, answer["field"]) == (422, field)


NOT_8 = ["is", "country", ["DE"]]
for _ in range(8):
    NOT_8 = ["not", NOT_8]


@pytest.mark.parametrize(
    "filters",
    [
        7,
        "x",
        [["is", "colour", ["red"]]],
        [["is"]],
        # Possible alone, but no question under them could be narrowed.
        [NOT_8],
        ["or", [["is", "country", ["DE"]]] * 98],
        [["matches", "country", ["("]]],
        [["is", "country", ["x" * 900] * 5]],
    ],
)
def test_a_link_under_filters_that_no_question_could_have_is_refused(
    send: Send, wired: Product, filters: Any
):
    status, _, _ = send("POST", "/sites/default/shares", {"filters": filters}, headers=ADMIN)

    assert status == 422


def test_origins_that_may_embed_are_kept_as_a_policy_names_them(send: Send, wired: Product):
    origins = ["https://Blog.example/", "http://localhost:8000", "https://blog.example",
               "https://www.blog.example", "https://[::1]:3000"]  # fmt: skip

    share, _ = make(send, frame_ancestors=origins)

    assert share["frame_ancestors"] == [
        "https://blog.example",
        "http://localhost:8000",
        "https://www.blog.example",
        "https://[::1]:3000",
    ]


def test_links_end_with_their_site(send: Send, visited: Product):
    share, secret = make(send, "shop")
    token = opened(send, share, secret)
    assert send("GET", "/metrics", headers=bearer(token))[0] == 200

    assert send("DELETE", "/sites/shop", headers=ADMIN)[0] == 200

    assert refused(send("GET", "/metrics", headers=bearer(token)))[0] == 401
    assert send("POST", f"/shares/{share['id']}/session", {"secret": secret})[0] == 404


def test_a_share_is_another_sites_key_holders_to_see_nor_revoke(send: Send, visited: Product):
    share, _ = make(send)
    key = send("POST", "/sites/shop/keys", {"scope": "admin"}, headers=ADMIN)[1]["key"]

    for method, path in (
        ("GET", "/sites/default/shares"),
        ("POST", "/sites/default/shares"),
        ("DELETE", f"/sites/default/shares/{share['id']}"),
    ):
        answer = send(method, path, {} if method == "POST" else None, headers=bearer(key))
        assert refused(answer) == (403, "wrong_site")
    mine = send("DELETE", f"/sites/shop/shares/{quote(share['id'])}", headers=bearer(key))
    assert refused(mine) == (404, "unknown_share")


def test_a_site_has_no_more_open_links_than_its_document_can_carry(
    send: Send, wired: Product, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("footfall.admin.shares.MOST", 2)
    first, _ = make(send)
    make(send)

    answer = send("POST", "/sites/default/shares", {}, headers=ADMIN)
    assert refused(answer) == (422, "too_many_shares")
    send("DELETE", f"/sites/default/shares/{first['id']}", headers=ADMIN)
    make(send)


def test_links_that_are_closed_do_not_travel_and_stay_in_the_list(send: Send, wired: Product):
    closed = [make(send, name="closed")[0] for _ in range(3)]
    for share in closed:
        send("DELETE", f"/sites/default/shares/{share['id']}", headers=ADMIN)
    open_one, _ = make(send, name="open")

    document = str(wired.counters.texts(["footfall:{default}:registered"]))
    assert open_one["id"] in document
    assert not [share for share in closed if share["id"] in document]
    listed = send("GET", "/sites/default/shares", headers=ADMIN)[1]["shares"]
    assert listed[0]["id"] == open_one["id"]
    assert {share["id"] for share in listed} == {open_one["id"], *(s["id"] for s in closed)}


def test_neither_secret_nor_password_is_kept(send: Send, wired: Product):
    _, secret = make(send, password="correct horse")

    rows = wired.store._open().query("SELECT * FROM shares").result_rows
    documents = wired.counters.texts(["footfall:{default}:registered"])

    for text in (str(rows), str(documents)):
        assert secret not in text
        assert "correct horse" not in text


def test_links_survive_a_change_of_their_site(send: Send, visited: Product):
    share, secret = make(send)
    send("PATCH", "/sites/default", {"name": "Better"}, headers=ADMIN)

    assert opened(send, share, secret)
