"""The data model moves forward: files of sql/migrations in the order of their numbers, each applied once."""

import re
from importlib import resources

from footfall.store import Store, statement

LEDGER = """CREATE TABLE IF NOT EXISTS schema_migrations (
  version UInt32, name String, applied_at DateTime('UTC') DEFAULT now()
) ENGINE = ReplacingMergeTree ORDER BY version"""
SECONDS = 840.0
"""How long a migration may take: a deployment's function has 900 s. Others end before their invocation does."""
_CREATED = re.compile(r"^CREATE (?:TABLE|MATERIALIZED VIEW) IF NOT EXISTS (\w+)", re.MULTILINE)


def migrate(store: Store, *, replicated: bool = False) -> list[str]:
    """Apply what is pending and answer its names; nothing pending is an empty list.

    `replicated` makes every table a Replicated one, for a self-managed cluster (ClickHouse Cloud and a single server
    need nothing). Each migration is idempotent, so one that was cut off is applied again. Raises Unavailable.
    """
    _change(store, LEDGER, replicated=replicated)
    applied = {version for (version,) in store.select("queries/migrations", {}).rows}
    pending = [name for name in migrations() if int(name[:4]) not in applied]
    for name in pending:
        _change(store, statement(f"migrations/{name}"), replicated=replicated)
        store.insert("schema_migrations", [{"version": int(name[:4]), "name": name}])
    return pending


def drop(store: Store) -> list[str]:
    """Drop every table of ours, with all that is in them, and nothing else of the database; their names.

    Raises Unavailable; what was dropped by then stays dropped.
    """
    made = "\n".join([LEDGER, *(statement(f"migrations/{name}") for name in migrations())])
    # What reads a table goes before it.
    names = list(dict.fromkeys(_CREATED.findall(made)))[::-1]
    for name in names:
        store.execute(f"DROP TABLE IF EXISTS {name}", seconds=SECONDS)
    return names


def migrations() -> list[str]:
    """The names of all migrations, in order."""
    files = resources.files("footfall").joinpath("sql", "migrations").iterdir()
    return sorted(file.name.removesuffix(".sql") for file in files if file.name.endswith(".sql"))


def engines(sql: str, *, replicated: bool) -> str:
    """The statement for this kind of deployment."""
    return re.sub(r"ENGINE = (\w*MergeTree)", r"ENGINE = Replicated\1", sql) if replicated else sql


def _change(store: Store, sql: str, *, replicated: bool) -> None:
    store.execute(engines(sql, replicated=replicated), seconds=SECONDS)
