"""Builds: exact after whatever changed, published at once, and killed anywhere without a trace."""

import contextlib
import itertools
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from footfall import builds
from footfall.days import FIRST_DAY, LAST_DAY
from footfall.errors import Unavailable
from footfall.lease import Lease, Taken, let_go_all
from footfall.query.catalog import find_metric, find_value
from footfall.query.filters import build_filter
from footfall.query.period import buckets
from footfall.query.plan import Snapshot
from footfall.query.question import Question, read_question
from footfall.query.read import Wanted, read
from footfall.rollup import build as building
from tests.builders import API_KEY, Breaking, Product, at, pageview, track

NOW = at("2026-03-10T12:00:00")
SPAN = {"start": "2026-03-01", "end": "2026-03-11"}
METRICS = "pageviews,events,visitors,sessions,bounce_rate,avg_duration"
Answers = dict[str, Any]


def arrived(product: Product, *items: dict[str, Any]) -> None:
    product.post("/import", {"batch": list(items)}, NOW, key=API_KEY)
    product.drain()


def first_traffic(product: Product) -> None:
    arrived(
        product,
        pageview("a", "/", timestamp="2026-03-02T10:00:00Z"),
        pageview("a", "/b", timestamp="2026-03-02T23:50:00Z"),
        track("a", timestamp="2026-03-03T00:10:00Z"),
        pageview("b", "/", timestamp="2026-03-05T10:00:00Z", userId="ada"),
        pageview("c", "/c", timestamp="2026-03-05T10:00:00Z", eventId="e"),
        pageview("a", "/", timestamp="2026-03-07T10:00:00Z"),
    )


def later_changes(product: Product) -> None:
    """A late event of one who comes back, one that joins two sessions, a link, an id that moves to another day."""
    arrived(
        product,
        pageview("a", "/", timestamp="2026-03-06T10:00:00Z"),
        pageview("a", "/b", timestamp="2026-03-02T10:20:00Z"),
        pageview("c", "/c", timestamp="2026-03-01T10:00:00Z", eventId="e"),
        {"type": "identify", "anonymousId": "a", "userId": "ada"},
    )


def rolled(product: Product) -> Answers:
    """What the rollups say by themselves, whether or not something changed since: every table is asked."""
    found = builds.current(product.store, "default", FIRST_DAY, LAST_DAY)
    snapshot = Snapshot("default", frozenset(), found)
    answers: Answers = {}
    question = read_question(SPAN, product.site, NOW, lambda: None, "none")
    asked = [find_metric(name) for name in METRICS.split(",")]

    def told(**more: Any) -> Any:
        of = more.pop("question", question)
        metrics = more.pop("metrics", asked)
        numbers = read(Wanted(of, of.period, metrics, **more), product.store, snapshot)
        assert numbers.origin.source == "rollup"
        return sorted((row.bucket, row.values, row.metrics) for row in numbers.rows)

    answers["totals"] = told()
    answers["days"] = told(buckets=buckets(question.period, "day"))
    for name in ("page", "browser", "entry_page", "event"):
        answers[name] = told(values=[find_value(name, "key")])
    on_pages = build_filter([["is", "page", ["/", "/b"]]])
    filtered = Question(question.site, question.period, None, on_pages, "exclude", NOW)
    # Visitors under a filter are told by the links as they are now, which is right too.
    others = [metric for metric in asked if metric.name != "visitors"]
    by = [find_value("exit_page", "key")]
    answers["filtered"] = told(question=filtered, values=by, metrics=others)
    return answers


def read_raw(product: Product) -> Answers:
    """The product's own answers, wherever they come from."""
    given = {"metrics": product.metrics(NOW, METRICS, **SPAN)}
    for name in ("page", "browser", "entry_page", "event"):
        for metric in ("visitors", "sessions", "pageviews"):
            given[f"{name} {metric}"] = product.rows(NOW, name, metric=metric, **SPAN)
    return given


def test_a_run_killed_at_any_statement_leaves_one_of_the_two_right_states(product: Product):
    first_traffic(product)
    product.roll_up()
    before = rolled(product)
    later_changes(product)
    right = read_raw(product)
    seen: list[str] = []
    at_write = 0
    while True:
        at_write += 1
        breaking = Breaking(product.store, at_write)
        with contextlib.suppress(Unavailable):
            product.roll_up(breaking)
        let_go_all(product.store)
        assert read_raw(product) == right
        state = rolled(product)
        seen.append("before" if state == before else "after")
        if seen[-1] == "after":
            break
    after = rolled(product)
    assert after != before
    assert at_write > 10
    product.roll_up()
    assert rolled(product) == after
    product.store.execute("TRUNCATE TABLE builds")
    product.store.execute("TRUNCATE TABLE people")
    assert rolled_from_nothing(product) == after
    assert seen == ["before"] * (at_write - 1) + ["after"]


def rolled_from_nothing(product: Product) -> Answers:
    """What a build of everything says that knows no other."""
    assert product.roll_up()["pending"] == 0
    return rolled(product)


def test_a_late_event_corrects_the_day_its_visitor_comes_back_and_rebuilds_no_other(
    product: Product,
):
    first_traffic(product)
    product.roll_up()
    arrived(product, pageview("a", "/", timestamp="2026-03-06T10:00:00Z"))
    done = product.roll_up()
    assert (done["windows"], done["corrected"]) == (1, 1)
    assert product.metrics(NOW, "visitors", start="2026-03-06", end="2026-03-08") == {"visitors": 1}


def test_a_run_that_finds_another_gives_up(product: Product):
    first_traffic(product)
    held = Lease(product.store, "rollup")
    held.hold()
    assert product.roll_up() == {"busy": True}
    held.let_go()
    assert product.roll_up()["pending"] == 0


def test_a_build_that_lost_its_lease_publishes_nothing(product: Product):
    first_traffic(product)
    held = Lease(product.store, "rollup")
    held.hold()
    changed = building.Changed(product.site, {date(2026, 3, 2): [1]}, {date(2026, 3, 2): 3})
    held.let_go()
    with pytest.raises(Taken):
        building.build([changed], product.store, held)
    assert builds.current(product.store, "default", FIRST_DAY, LAST_DAY) == {}


def test_a_dimension_with_too_many_values_is_still_exact(
    product: Product, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(building, "VALUES", 2)
    arrived(
        product,
        *(
            pageview(f"v{n % 3}", f"/{n}", timestamp=f"2026-03-0{1 + n % 4}T10:00:00Z")
            for n in range(12)
        ),
    )
    right = read_raw(product)
    product.roll_up()
    assert builds.current(product.store, "default", FIRST_DAY, LAST_DAY)[date(2026, 3, 1)].unbounded
    assert read_raw(product) == right
    arrived(product, pageview("v0", "/0", timestamp="2026-03-09T10:00:00Z"))
    right = read_raw(product)
    product.roll_up()
    assert read_raw(product) == right


@pytest.mark.parametrize(("head", "led"), [(500, 2), (5, 1), (0, 0)])
def test_the_leading_pages_are_found_among_many_that_come_close(
    product: Product, monkeypatch: pytest.MonkeyPatch, head: int, led: int
):
    """Pages that few come back to every day look greater, added up, than those that many see once."""
    items = [
        pageview(f"v{n % 5}", "/daily", timestamp=f"2026-03-0{day}T10:00:00Z")
        for n in range(5)
        for day in range(1, 8)
    ]
    for page in range(40):
        items += [
            pageview(f"v{n}", f"/{page:02}", timestamp=f"2026-03-0{1 + n % 7}T11:00:00Z")
            for n in range(3 + page // 4)
        ]
    arrived(product, *items)

    def pages() -> list[Any]:
        return [
            product.ask(
                "breakdown",
                NOW,
                dimension="page",
                metric="visitors",
                limit=limit,
                offset=offset,
                **SPAN,
            )
            for limit, offset in (("1", "0"), ("3", "2"), ("2", "39"), ("5", "100"))
        ]

    right = [(answer["data"], answer["total"]) for answer in pages()]
    if head:
        monkeypatch.setattr(building, "HEAD", head)
    product.roll_up()
    if not head:
        product.store.execute("TRUNCATE TABLE heads")  # as days were built before there were any
    answers = pages()
    assert [(answer["data"], answer["total"]) for answer in answers] == right
    assert {answer["meta"]["source"] for answer in answers} == {"rollup"}
    counted = [answer["meta"]["counted"] for answer in answers]
    # The end of a list cannot be found by what leads it, nor more than the days' heads hold.
    assert counted == ["leading"] * led + ["all"] * (4 - led)


def test_an_alias_that_turns_out_to_name_an_anonymous_id_changes_who_is_who(product: Product):
    arrived(
        product,
        pageview("phone", "/", timestamp="2026-03-02T10:00:00Z", userId="x"),
        pageview("laptop", "/", timestamp="2026-03-02T10:00:00Z", userId="ada"),
        {"type": "alias", "previousId": "x", "userId": "ada"},
    )
    product.roll_up()
    assert product.metrics(NOW, "visitors", **SPAN) == {"visitors": 1}
    arrived(product, pageview("x", "/", timestamp="2026-03-04T10:00:00Z"))
    assert product.metrics(NOW, "visitors", **SPAN) == {"visitors": 2}
    product.roll_up()
    assert product.metrics(NOW, "visitors", **SPAN) == {"visitors": 2}
    assert product.metrics(NOW, "visitors", period="2026-03-02") == {"visitors": 2}


@pytest.mark.parametrize("apart", [2, 63, 64])
def test_days_built_before_between_and_after_others_correct_who_came_again(
    product: Product, apart: int
):
    """Sixty-four days of a build are the most whose visitors are held as bits."""
    last = date(2026, 3, 8)
    first = last - timedelta(days=apart)
    middle = first + timedelta(days=1)
    before, after = first - timedelta(days=1), last + timedelta(days=1)
    rounds = [
        [("a", "/x", middle), ("b", "/x", middle), ("c", "/y", middle)],
        [("a", "/x", first), ("a", "/y", last), ("b", "/x", last), ("d", "/x", first)],
        [("b", "/x", before), ("c", "/y", after), ("d", "/x", after), ("e", "/y", before)],
        [("a", "/y", middle), ("d", "/x", last), ("c", "/x", first)],
    ]
    days = [before, first, middle, last, after]
    seen: set[tuple[str, str, date]] = set()
    for visits in rounds:
        arrived(
            product,
            *(pageview(who, path, timestamp=f"{day}T10:00:00Z") for who, path, day in visits),
        )
        product.roll_up()
        seen |= set(visits)
        if visits is rounds[0]:
            continue  # nothing is corrected yet
        for start, end in itertools.combinations_with_replacement(days, 2):
            within = {(who, path) for who, path, day in seen if start <= day <= end}
            counts = Counter(path for _, path in within)
            span = {"start": str(start), "end": str(end + timedelta(days=1))}
            answer = product.ask("metrics", NOW, metrics="visitors", **span)
            assert answer["metrics"]["visitors"]["value"] == len({who for who, _ in within})
            assert answer["meta"]["source"] != "raw" or not within
            assert product.rows(NOW, "page", metric="visitors", **span) == counts
