"""Queue messages become rows; twice is the same as once, and nothing is lost."""

from collections import Counter

import pytest

from footfall.days import DAY_MS
from footfall.errors import Unavailable
from footfall.event_queue import EventQueue
from footfall.ingest.batch import ingest
from footfall.store import RowsRefused, Store
from tests.builders import API_KEY, Product, at, pageview, track

NOW = at("2026-03-10T23:59:50")
DAY = {"start": "2026-03-01", "end": "2026-03-20"}


def counted(product: Product, **parameters: str) -> dict[str, object]:
    return product.metrics(NOW + DAY_MS, "pageviews,events,visitors,sessions", **(DAY | parameters))


def test_an_event_that_was_stored_is_counted(product: Product):
    product.post("/pageview", pageview("v1", "/a"), NOW)
    product.drain()
    assert counted(product) == {"pageviews": 1, "events": 1, "visitors": 1, "sessions": 1}
    assert product.queue.waiting() == 0


def test_a_retry_is_one_event_whatever_it_carries(product: Product):
    first = pageview(
        "v1", "/a", eventId="e1", timestamp="2026-03-10T23:59:40Z", sentAt="2026-03-10T23:59:50Z"
    )
    product.post("/pageview", first, NOW)
    product.post("/pageview", first, NOW + 5_000)
    product.post("/pageview", first | {"sentAt": "2026-03-10T23:50:00Z"}, NOW + 20_000)
    product.drain()
    product.post(
        "/batch", {"batch": [first, first], "sentAt": "2026-03-11T00:10:00Z"}, NOW + 30_000
    )
    product.post("/pageview", pageview("v1", "/other", eventId="e1"), NOW + 40_000)
    product.post("/track", track("v9", eventId="e1"), NOW + 50_000)
    product.drain()
    assert counted(product) == {"pageviews": 1, "events": 1, "visitors": 1, "sessions": 1}
    assert product.rows(NOW + DAY_MS, "page", **DAY) == {"/a": 1}


def test_the_delivery_of_the_earliest_day_stands_also_when_it_comes_last(product: Product):
    product.post(
        "/pageview", pageview("v1", "/late", eventId="e1", timestamp="2026-03-10T12:00:00Z"), NOW
    )
    product.drain()
    product.post(
        "/pageview",
        pageview("v2", "/early", eventId="e1", timestamp="2026-03-08T12:00:00Z"),
        NOW + 1,
    )
    product.drain()
    assert product.rows(NOW + DAY_MS, "page", **DAY) == {"/early": 1}
    assert product.metrics(NOW, "pageviews", period="2026-03-10") == {"pageviews": 0}
    assert product.metrics(NOW, "pageviews", period="2026-03-08") == {"pageviews": 1}


def test_of_one_day_the_first_received_stands_with_all_its_values(product: Product):
    for at_ms, path, hour in ((NOW, "/first", 20), (NOW + 1, "/second", 2)):
        body = pageview("v1", path, eventId="e1", timestamp=f"2026-03-10T{hour:02}:00:00Z")
        product.post("/pageview", body, at_ms)
    messages = {m["MessageId"]: m["Body"] for m in product.receive()}
    for message_id in reversed(messages):
        ingest({message_id: messages[message_id]}, product.store, product.queue, product.zone_of)
    assert product.rows(NOW + DAY_MS, "page", **DAY) == {"/first": 1}


def test_of_two_copies_in_one_request_the_first_stands(product: Product):
    product.post(
        "/batch",
        {"batch": [pageview("v", "/1", eventId="e"), pageview("v", "/2", eventId="e")]},
        NOW,
    )
    product.drain()
    assert product.rows(NOW + DAY_MS, "page", **DAY) == {"/1": 1}


def test_an_imported_copy_of_another_year_is_found(product: Product):
    product.post(
        "/import",
        {"batch": [pageview(eventId="e", timestamp="2019-01-01T00:00:00Z")]},
        NOW,
        key=API_KEY,
    )
    product.drain()
    product.post(
        "/import",
        {"batch": [pageview(eventId="e", timestamp="2015-05-17T00:00:00Z")]},
        NOW,
        key=API_KEY,
    )
    product.drain()
    assert product.metrics(NOW, "pageviews", period="2019-01-01") == {"pageviews": 0}
    assert product.metrics(NOW, "pageviews", start="2010-01-01", end="2026-01-01") == {
        "pageviews": 1
    }


def test_a_redelivered_message_changes_nothing(product: Product):
    product.post("/batch", {"batch": [pageview(f"v{n}", f"/{n}") for n in range(20)]}, NOW)
    product.post("/identify", {"anonymousId": "v1", "userId": "u1"}, NOW)
    messages = {m["MessageId"]: m["Body"] for m in product.receive()}
    for _ in range(3):
        assert ingest(messages, product.store, product.queue, product.zone_of) == []
    assert counted(product)["pageviews"] == 20


def test_a_message_that_cannot_be_read_is_buried_and_the_rest_is_stored(product: Product):
    product.post("/pageview", pageview(), NOW)
    product.sqs.send_message(QueueUrl=product.queue.url, MessageBody="not ours")
    product.post("/pageview", pageview("v2"), NOW)
    product.drain()
    assert counted(product)["pageviews"] == 2
    assert product.queue.waiting() == 0
    buried = product.sqs.receive_message(QueueUrl=product.queue.dead_letter_url)["Messages"]
    assert [message["Body"] for message in buried] == ["not ours"]


def test_where_the_dead_letter_queue_is_down_the_message_comes_again(product: Product):
    queue = EventQueue(product.sqs, product.queue.url, product.queue.url + "-gone")
    assert ingest({"m1": "not ours"}, product.store, queue, product.zone_of) == ["m1"]


def test_a_store_that_is_down_fails_the_whole_batch(product: Product):
    product.post("/pageview", pageview(), NOW)
    messages = {m["MessageId"]: m["Body"] for m in product.receive()}
    with pytest.raises(Unavailable):
        ingest(messages, Store("http://127.0.0.1:1/x"), product.queue, product.zone_of)
    assert product.queue.waiting() == 1


def sent_with_a_bad_one(product: Product, error: Exception) -> tuple[dict[str, str], Store]:
    """The messages of a good and a bad event, and a store that raises `error` for the bad one's row."""

    class Failing(Store):
        def insert(self, table, rows):
            product.store.insert(table, rows)

        def insert_columns(self, table, columns):
            if "/bad" in columns["path"]:
                raise error
            product.store.insert_columns(table, columns)

        def select(self, name, parameters, fragments=None):
            return product.store.select(name, parameters, fragments)

    product.post("/pageview", pageview("v1", "/bad"), NOW)
    product.post("/pageview", pageview("v2", "/good"), NOW)
    return {m["MessageId"]: m["Body"] for m in product.receive()}, Failing("")


def test_rows_that_the_store_refuses_are_buried_and_the_rest_is_stored(product: Product):
    messages, store = sent_with_a_bad_one(product, RowsRefused("rows_refused", ""))
    assert ingest(messages, store, product.queue, product.zone_of) == []
    assert product.rows(NOW, "page", **DAY) == {"/good": 1}
    assert product.sqs.receive_message(QueueUrl=product.queue.dead_letter_url)["Messages"]


def test_a_message_that_fails_in_a_way_nobody_foresaw_comes_again_and_the_rest_is_stored(
    product: Product,
):
    messages, store = sent_with_a_bad_one(product, LookupError("nobody thought of this"))
    bad = [message_id for message_id, body in messages.items() if "/bad" in body]
    assert ingest(messages, store, product.queue, product.zone_of) == bad
    assert product.rows(NOW, "page", **DAY) == {"/good": 1}


def test_one_insert_a_batch(product: Product):
    inserts: Counter[str] = Counter()

    class Counting(Store):
        def insert(self, table, rows):
            rows = list(rows)
            inserts[table] += bool(rows)
            product.store.insert(table, rows)

        def insert_columns(self, table, columns):
            inserts[table] += 1
            product.store.insert_columns(table, columns)

        def select(self, name, parameters, fragments=None):
            return product.store.select(name, parameters, fragments)

    for n in range(5):
        product.post("/batch", {"batch": [pageview(f"v{n}"), track(f"v{n}")]}, NOW)
    ingest(
        {m["MessageId"]: m["Body"] for m in product.receive()},
        Counting(""),
        product.queue,
        product.zone_of,
    )
    assert +inserts == {"events": 1, "changes": 1}


def test_an_import_of_many_years_is_one_batch(product: Product):
    batch = [
        pageview(f"v{year}", timestamp=f"{year}-{month:02}-01T00:00:00Z")
        for year in range(1970, 2026)
        for month in (1, 6)
    ]
    product.post("/import", {"batch": batch}, NOW, key=API_KEY)
    product.drain()
    assert product.metrics(NOW, "pageviews", start="1970-01-01") == {"pageviews": 112}


def test_any_text_is_stored_as_it_was_sent(product: Product):
    texts = [
        "'; DROP TABLE events; --",
        "\0\t\r\n",
        "é\u202e\U0001f600",
        "__proto__",
        '{"a":1}',
        "\\N",
        "\\x41",
    ]
    product.post(
        "/batch", {"batch": [pageview(f"v{n}", f"/{t}") for n, t in enumerate(texts)]}, NOW
    )
    product.drain()
    assert set(product.rows(NOW, "page", limit="1000", **DAY)) == {f"/{t}" for t in texts}
