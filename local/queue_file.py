"""The messages of the local queues in one SQLite file: what was stored is on disk before anybody is told so.

Owns the tables and how they are written; what a request may ask for is `local.sqs`'s business. Times are ms since 1970.

    queues    name, attributes (JSON)
    messages  where a message is and when it can be received; `visible_at` is in the future while it
              is in flight (it has been received) or delayed (it has not)
    bodies    their texts, apart, so that receiving a message does not write its text again
"""

import sqlite3
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_VERSION = 1
_SCHEMA = (
    """CREATE TABLE queues (
      name TEXT PRIMARY KEY, attributes TEXT NOT NULL, created_at INTEGER NOT NULL,
      modified_at INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE messages (
      id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, message_id TEXT NOT NULL,
      sent_at INTEGER NOT NULL, visible_at INTEGER NOT NULL, receives INTEGER NOT NULL DEFAULT 0,
      first_received_at INTEGER NOT NULL DEFAULT 0, receipt TEXT NOT NULL DEFAULT '',
      source TEXT NOT NULL DEFAULT ''
    )""",
    "CREATE INDEX messages_visible ON messages (queue, visible_at)",
    "CREATE TABLE bodies (id INTEGER PRIMARY KEY, body TEXT NOT NULL)",
    """CREATE TRIGGER bodies_go_with_messages AFTER DELETE ON messages BEGIN
      DELETE FROM bodies WHERE id = old.id;
    END""",
)


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue; `attributes` are the JSON text that it was made with."""

    name: str
    attributes: str
    created_at: int
    modified_at: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was just received; `source` is the queue from which it came to a dead-letter queue, or ''."""

    id: int
    message_id: str
    body: str
    sent_at: int
    receives: int
    first_received_at: int
    receipt: str
    source: str


@dataclass(frozen=True, slots=True)
class Redrive:
    """What has been received `max_receives` times goes to `dead_letter_queue` instead of being received again."""

    dead_letter_queue: str
    max_receives: int


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages a queue holds."""

    visible: int
    in_flight: int
    delayed: int

    @property
    def waiting(self) -> int:
        """All that were sent and not deleted."""
        return self.visible + self.in_flight + self.delayed


class _Turn:
    """An action that waits for its place in a commit, then its outcome."""

    __slots__ = ("action", "error", "is_done", "result")

    def __init__(self, action: Callable[[sqlite3.Connection], Any]) -> None:
        self.action = action
        self.result: Any = None
        self.error: BaseException | None = None
        self.is_done = False


class QueueFile:
    """The file, shared by all threads of one process."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        # A commit returns when it is on the disk, not merely with the operating system.
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA cache_size = -32000")
        self._waiting: list[_Turn] = []
        self._joining = threading.Lock()
        self._writing = threading.Lock()
        self.run(_prepare)

    def run(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """Do something in a transaction and return its outcome once that is on disk.

        Threads that come while another commits share the next commit. An action that raises changes nothing, and
        what it raised is raised here.
        """
        turn = _Turn(action)
        with self._joining:
            self._waiting.append(turn)
        with self._writing:
            if not turn.is_done:
                with self._joining:
                    group, self._waiting = self._waiting, []
                self._commit(group)
        if turn.error is not None:
            raise turn.error
        result: T = turn.result
        return result

    def close(self) -> None:
        """Close the file; what comes later raises sqlite3.ProgrammingError."""
        with self._writing:
            self._connection.close()

    def _commit(self, group: Sequence[_Turn]) -> None:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            for turn in group:
                connection.execute("SAVEPOINT turn")
                try:
                    turn.result = turn.action(connection)
                except Exception as error:  # noqa: BLE001 - raised again in the thread whose action it is
                    turn.error = error
                    connection.execute("ROLLBACK TO turn")
                connection.execute("RELEASE turn")
            connection.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 - nothing was stored, and every thread must hear of it
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            for turn in group:
                turn.error = error
        finally:
            for turn in group:
                turn.is_done = True


def queue(db: sqlite3.Connection, name: str) -> Queue | None:
    """The queue of that name."""
    row = db.execute("SELECT * FROM queues WHERE name = ?", (name,)).fetchone()
    return None if row is None else Queue(*row)


def queues(db: sqlite3.Connection) -> list[Queue]:
    """All queues, by name."""
    return [Queue(*row) for row in db.execute("SELECT * FROM queues ORDER BY name")]


def save_queue(db: sqlite3.Connection, name: str, attributes: str, now: int) -> None:
    """Make a queue, or change the attributes of one that is there."""
    db.execute(
        "INSERT INTO queues VALUES (?, ?, ?, ?) ON CONFLICT (name)"
        " DO UPDATE SET attributes = excluded.attributes, modified_at = excluded.modified_at",
        (name, attributes, now, now),
    )


def send(db: sqlite3.Connection, name: str, body: str, now: int, visible_at: int) -> str:
    """Store a message; its id."""
    message_id = str(uuid.uuid4())
    row = db.execute(
        "INSERT INTO messages (queue, message_id, sent_at, visible_at) VALUES (?, ?, ?, ?)",
        (name, message_id, now, visible_at),
    )
    db.execute("INSERT INTO bodies VALUES (?, ?)", (row.lastrowid, body))
    return message_id


def receive(
    db: sqlite3.Connection,
    name: str,
    count: int,
    now: int,
    visible_at: int,
    redrive: Redrive | None,
) -> list[Message]:
    """Up to `count` messages that are visible now, oldest first; they come again at `visible_at`."""
    messages: list[Message] = []
    while len(messages) < count:
        rows = db.execute(
            "SELECT id, message_id, body, sent_at, receives + 1, first_received_at, source"
            " FROM messages JOIN bodies USING (id)"
            " WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT ?",
            (name, now, count - len(messages)),
        ).fetchall()
        if not rows:
            break
        for id_, message_id, body, sent_at, receives, first_received_at, source in rows:
            if redrive is not None and receives > redrive.max_receives:
                _bury(db, id_, name, redrive.dead_letter_queue, now)
                continue
            receipt = uuid.uuid4().hex
            first = first_received_at or now
            # A moment that is not later than now would be received again in this very loop.
            until = max(visible_at, now + 1)
            db.execute(
                "UPDATE messages SET visible_at = ?, receives = ?, first_received_at = ?, receipt = ?"
                " WHERE id = ?",
                (until, receives, first, receipt, id_),
            )
            messages.append(
                Message(id_, message_id, body, sent_at, receives, first, receipt, source)
            )
    return messages


def next_visible_at(db: sqlite3.Connection, name: str) -> int | None:
    """When the next message can be received (a time that has passed: now), or None for an empty queue."""
    row = db.execute("SELECT min(visible_at) FROM messages WHERE queue = ?", (name,)).fetchone()
    moment: int | None = row[0]
    return moment


def delete(db: sqlite3.Connection, name: str, id_: int, receipt: str) -> None:
    """Delete a message, unless it has been received again since that receipt."""
    db.execute(
        "DELETE FROM messages WHERE id = ? AND queue = ? AND receipt = ?", (id_, name, receipt)
    )


def visible_again_at(db: sqlite3.Connection, name: str, id_: int, receipt: str) -> int | None:
    """Until when a message is in flight by that receipt, or None when the receipt holds no longer."""
    row = db.execute(
        "SELECT visible_at FROM messages WHERE id = ? AND queue = ? AND receipt = ?",
        (id_, name, receipt),
    ).fetchone()
    return None if row is None else int(row[0])


def show_at(db: sqlite3.Connection, id_: int, visible_at: int) -> None:
    """Change when a message in flight comes again."""
    db.execute("UPDATE messages SET visible_at = ? WHERE id = ?", (visible_at, id_))


def show_all(db: sqlite3.Connection, now: int) -> None:
    """End every flight: for a start, when nobody is left who could answer for what was received before."""
    db.execute(
        "UPDATE messages SET visible_at = ? WHERE visible_at > ? AND receives > 0", (now, now)
    )


def purge(db: sqlite3.Connection, name: str) -> None:
    """Delete every message of a queue."""
    db.execute("DELETE FROM messages WHERE queue = ?", (name,))


def depth(db: sqlite3.Connection, name: str, now: int) -> Depth:
    """How many messages a queue holds."""
    visible = db.execute(
        "SELECT count(*) FROM messages WHERE queue = ? AND visible_at <= ?", (name, now)
    ).fetchone()[0]
    hidden, delayed = db.execute(
        "SELECT count(*), coalesce(sum(receives = 0), 0) FROM messages"
        " WHERE queue = ? AND visible_at > ?",
        (name, now),
    ).fetchone()
    return Depth(visible, hidden - delayed, delayed)


def move(db: sqlite3.Connection, name: str, destination: str | None, now: int) -> int:
    """Move the messages of a dead-letter queue, as new ones; how many.

    Without a destination each goes back to where it came from, and stays if it was sent here directly.
    """
    target = "source" if destination is None else "?"
    moved = db.execute(
        f"UPDATE messages SET queue = {target}, message_id = new_message_id(), sent_at = ?,"
        " visible_at = ?, receives = 0, first_received_at = 0, receipt = '', source = ''"
        " WHERE queue = ?" + (" AND source <> ''" if destination is None else ""),
        (*(() if destination is None else (destination,)), now, now, name),
    )
    return moved.rowcount


def _bury(db: sqlite3.Connection, id_: int, source: str, dead_letter_queue: str, now: int) -> None:
    db.execute(
        "UPDATE messages SET queue = ?, visible_at = ?, receipt = '', source = ? WHERE id = ?",
        (dead_letter_queue, now, source, id_),
    )


def _prepare(db: sqlite3.Connection) -> None:
    db.create_function("new_message_id", 0, lambda: str(uuid.uuid4()))
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        for statement in _SCHEMA:
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {_VERSION}")
    elif version != _VERSION:
        raise ValueError(f"the queue's file is of version {version}, which this one does not read")
