"""The data model moves forward."""

import re

import pytest

from footfall.errors import FootfallError
from footfall.migrate import drop, engines, migrate, migrations
from footfall.store import Store, statement


def test_migrations_are_applied_once_and_in_order(empty_store: Store):
    assert migrate(empty_store) == migrations() == sorted(migrations())
    assert migrate(empty_store) == []


def test_a_migration_that_was_cut_off_before_it_was_noted_is_applied_again(empty_store: Store):
    empty_store.execute(statement(f"migrations/{migrations()[0]}"))
    assert migrate(empty_store) == migrations()


def test_a_migration_may_take_longer_than_a_question(store: Store, monkeypatch: pytest.MonkeyPatch):
    last = migrations()[-1]
    store.execute(
        f"ALTER TABLE schema_migrations DELETE WHERE version = {int(last[:4])} SETTINGS mutations_sync = 1"
    )
    told = "SELECT throwIf(getSetting('max_execution_time') < 800)"
    monkeypatch.setattr("footfall.migrate.statement", lambda _: told)

    assert migrate(store) == [last]
    with pytest.raises(FootfallError):
        store.execute(told)


def test_every_number_is_given_once():
    numbers = [name[:4] for name in migrations()]
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]


def test_a_cluster_of_ones_own_gets_replicated_tables():
    sql = engines(statement("migrations/0001_create_events"), replicated=True)
    assert "ENGINE = ReplicatedReplacingMergeTree(version, is_deleted)" in sql
    assert engines("ENGINE = MergeTree", replicated=False) == "ENGINE = MergeTree"


def test_a_migration_takes_away_nothing_that_the_code_before_it_reads():
    # The first two took away what no release ever had.
    taken = {
        name
        for name in migrations()
        if re.search(r"\b(DROP|RENAME|MODIFY|TRUNCATE)\b", statement(f"migrations/{name}"))
    }

    assert taken == {"0007_drop_arrivals_feed", "0009_drop_arrivals"}


def test_dropping_takes_what_is_ours_and_can_be_repeated(store: Store):
    store.execute("CREATE TABLE somebody_elses (x UInt8) ENGINE = MergeTree ORDER BY x")

    assert drop(store)[-1] == "schema_migrations"
    drop(store)

    with pytest.raises(FootfallError):
        store.execute("SELECT count() FROM events")
    store.execute("SELECT count() FROM somebody_elses")
    assert migrate(store) == migrations()
