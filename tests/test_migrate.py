"""The data model moves forward."""

from footfall.migrate import engines, migrate, migrations
from footfall.store import Store, statement


def test_migrations_are_applied_once_and_in_order(empty_store: Store):
    assert migrate(empty_store) == migrations() == sorted(migrations())
    assert migrate(empty_store) == []


def test_a_migration_that_was_cut_off_before_it_was_noted_is_applied_again(empty_store: Store):
    empty_store.execute(statement(f"migrations/{migrations()[0]}"))
    assert migrate(empty_store) == migrations()


def test_every_number_is_given_once():
    numbers = [name[:4] for name in migrations()]
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]


def test_a_cluster_of_ones_own_gets_replicated_tables():
    sql = engines(statement("migrations/0001_create_events"), replicated=True)
    assert "ENGINE = ReplicatedReplacingMergeTree(version, is_deleted)" in sql
    assert engines("ENGINE = MergeTree", replicated=False) == "ENGINE = MergeTree"
