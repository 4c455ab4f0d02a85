"""How far something has come: named moments kept in the store."""

from datetime import UTC, datetime

from footfall.store import Store


def mark(name: str, store: Store) -> datetime:
    """How far `name` has come; 1970 when it never came anywhere. Raises Unavailable."""
    rows = store.select("queries/mark", {"name": name}).rows
    return datetime.fromtimestamp(rows[0][0] / 1000, UTC)


def set_mark(name: str, at: datetime, store: Store) -> None:
    """Note how far `name` has come. Raises Unavailable."""
    store.insert("marks", [{"name": name, "at": at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]}])
