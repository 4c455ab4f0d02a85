"""ClickHouse: the named statements of sql/, rows in, rows out. Nothing else speaks to the store.

Statements are files (`sql/<folder>/<name>.sql`, one statement each). Values are bound by the store
(`{site:String}`); the few expressions that a registry supplies are put in by `string.Template` (`$metric`), and only
`Fragment`s are accepted for those, so that no text of a request can become SQL.

The same client speaks to a server over HTTP and to the embedded engine (`chdb://`); the embedded one runs one
statement at a time.
"""

import logging
import math
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from string import Template
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlsplit, urlunsplit

from footfall import deadline
from footfall.body import compact
from footfall.errors import FootfallError, Unavailable, Unprocessable

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client
    from urllib3 import PoolManager

SETTINGS: dict[str, Any] = {
    # A row's day fixes its partition, so copies of a key never lie in two of them.
    "do_not_merge_across_partitions_select_final": 1,
    # An insert is visible when it is answered: ingest looks for copies right after it.
    "async_insert": 0,
    # A replica answers only once it holds what was inserted before (ignored by a single server).
    "select_sequential_consistency": 1,
    # An import may hold events of many years.
    "max_partitions_per_insert_block": 0,
    "max_execution_time": 25,
    # Whoever gave up waiting is not worked for.
    "cancel_http_readonly_queries_on_client_close": 1,
    "max_memory_usage": 4_000_000_000,
}

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 30.0
"""How long an answer may take; the store gives up by itself after `max_execution_time`."""
_patience: ContextVar[float | None] = ContextVar("footfall_patience", default=None)
"""How long the statement at hand may take, where that is another time."""
_NO_ACCESS = frozenset({192, 193, 194, 516})
"""A user or a password that is not known."""
_UNREADABLE_ROWS = frozenset({6, 26, 27, 41, 53, 69, 70, 72, 117, 131, 321, 349, 376, 407, 467})
_BAD_PATTERN = 427
_TOO_EXPENSIVE = frozenset({158, 159, 160, 241, 307, 396})


class RowsRefused(FootfallError):
    """The store understood the insert and refused its rows: sending them again would not help."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of SQL that comes from our own registries, never from a request."""

    sql: str


@dataclass(frozen=True, slots=True)
class Rows:
    """What a statement answered: its rows as tuples and how many rows it read."""

    rows: Sequence[tuple[Any, ...]]
    rows_read: int


class Secret(Protocol):
    """A password that may change while a process lives."""

    def read(self, refused: str | None = None) -> str:
        """The password as it is now, read anew where it is the one that was `refused`. Raises Unavailable."""


@cache
def statement(name: str) -> str:
    """The text of `sql/<name>.sql` without its comment lines. Raises FileNotFoundError for an unknown name."""
    from importlib import resources  # noqa: PLC0415 - 10 ms, and collect has no store

    text = resources.files("footfall").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return "\n".join(
        line for line in text.splitlines() if not line.lstrip().startswith("--")
    ).strip()


def substituted(name: str, fragments: Mapping[str, Fragment] | None) -> str:
    """Statement `name` with registry fragments in place. Raises KeyError where one is missing."""
    sql = statement(name)
    if not fragments:
        return sql
    return Template(sql).substitute({key: fragment.sql for key, fragment in fragments.items()})


class Store:
    """A lazily opened connection to ClickHouse; safe to use from several threads."""

    def __init__(self, url: str, *, password: Secret | None = None) -> None:
        """Nothing is opened or read yet; `password` goes before one in the URL."""
        self._url = url
        self._secret = password
        self._password: str | None = None
        self._client: Client | None = None
        self._pool: PoolManager | None = None
        self._opening = threading.RLock()
        self.inserted: Counter[str] = Counter()
        """The rows that were inserted through this connection, by table."""

    def select(
        self,
        name: str,
        parameters: Mapping[str, Any],
        fragments: Mapping[str, Fragment] | None = None,
    ) -> Rows:
        """The rows of statement `name`, with values bound and registry fragments in place.

        Raises Unavailable when the store does not answer or the question is too expensive for it, Unprocessable
        when a regular expression in it cannot be compiled.
        """
        sql = substituted(name, fragments)
        result = self._ask(
            lambda client, settings: client.query(
                sql, parameters=dict(parameters), settings=settings
            )
        )
        return Rows(
            [tuple(row) for row in result.result_rows],
            int((result.summary or {}).get("read_rows", 0)),
        )

    def insert(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Store rows (column name to value) as one block.

        Raises RowsRefused when the store will never take them, Unavailable when it does not answer.
        """
        lines = [compact(row) for row in rows]
        if lines:
            self._insert(table, "\n".join(lines), "JSONEachRow", len(lines))

    def insert_columns(self, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """Store rows given by column as one block: half the bytes, and half the work of the store, of as many rows.

        Columns that are left out have their defaults. Raises as `insert`.
        """
        rows = len(next(iter(columns.values()), ()))
        self._insert(table, compact(columns), "JSONColumns", rows)

    def run(
        self,
        name: str,
        parameters: Mapping[str, Any],
        fragments: Mapping[str, Fragment] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Execute statement `name` that answers no rows (INSERT … SELECT). Raises Unavailable."""
        self.execute(substituted(name, fragments), parameters, settings)

    def execute(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        *,
        seconds: float | None = None,
    ) -> None:
        """Execute one statement of ours given as text (a migration), which may take so many seconds. Raises
        Unavailable.
        """
        token = _patience.set(seconds)
        try:
            self._ask(
                lambda client, own: client.command(
                    sql, parameters=dict(parameters or {}), settings={**own, **(settings or {})}
                )
            )
        finally:
            _patience.reset(token)

    def is_alive(self) -> bool:
        """Whether the store answers."""
        try:
            self._ask(lambda client, settings: client.query("SELECT 1", settings=settings))
        except FootfallError:
            return False
        return True

    def close(self) -> None:
        """Give the connection back; the store can be used again and opens a new one."""
        with self._opening:
            if self._client is not None:
                self._client.close()
                self._client = None
            if self._pool is not None:
                self._pool.clear()

    def _insert(self, table: str, body: str, form: str, rows: int) -> None:
        block = body.encode("utf-8", "replace")
        self._ask(
            lambda client, settings: client.raw_insert(
                _name(table), insert_block=block, fmt=form, settings=settings
            )
        )
        self.inserted[table] += rows

    def _ask(self, work: "Callable[[Client, dict[str, Any]], Any]") -> Any:
        """What `work` returns, within the time that is left. A refused password is read anew once."""
        for is_last in (False, True):
            try:
                settings = self._hurry()
                return work(self._open(), settings)
            except FootfallError:
                raise
            except Exception as error:
                if not is_last and _code(error) in _NO_ACCESS and self._has_another_password():
                    continue
                raise self._translated(error) from error
        raise AssertionError("the last try returns or raises")

    def _hurry(self) -> dict[str, Any]:
        """Settings of a statement that has to end before the invocation does. Raises Unavailable when it is over."""
        own = SETTINGS["max_execution_time"]
        try:
            left = deadline.seconds(_patience.get() or ANSWER_SECONDS)
        except TimeoutError as error:
            raise _too_expensive() from error
        is_usual = left >= own and not _patience.get()
        return {} if is_usual else {"max_execution_time": math.ceil(left)}

    def _has_another_password(self) -> bool:
        """Whether the refused password has become another one; then the next statement connects anew."""
        if self._secret is None or self._secret.read(refused=self._password) == self._password:
            return False
        self.close()
        return True

    @property
    def _is_embedded(self) -> bool:
        return self._url.startswith("chdb:")

    def _open(self) -> "Client":
        if self._client is None or (self._secret and self._secret.read() != self._password):
            with self._opening:
                password = self._secret.read() if self._secret else None
                if self._client is not None and password != self._password:
                    self.close()
                if self._client is None:
                    self._password = password
                    self._client = self._connect()
        return self._client

    def _connect(self) -> "Client":
        import clickhouse_connect  # noqa: PLC0415 - 200 ms that a function without the store need not pay

        # What it says of a failure may quote what was sent; we say it ourselves.
        logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
        client: Any
        if self._is_embedded:
            client = clickhouse_connect.get_client(
                dsn=self._url, tz_mode="aware", settings=SETTINGS
            )
            # The client reports the rows of the result as read_rows; a server reports those read from its tables.
            client._backend._summary = lambda result: {"read_rows": str(result.storage_rows_read())}
            return client  # type: ignore[no-any-return]
        self._pool = _pool()
        return clickhouse_connect.get_client(
            dsn=_with_password(self._url, self._password),
            tz_mode="aware",
            settings=SETTINGS,
            compress=True,
            pool_mgr=self._pool,
            # Ids to look for travel in the body: in the URL they would be too long.
            form_encode_query_params=True,
            autogenerate_session_id=False,
        )

    def _translated(self, error: Exception) -> FootfallError:
        code = _code(error)
        if code == _BAD_PATTERN:
            return Unprocessable(
                "invalid_filter", "A pattern in `filters` is no regular expression (RE2)."
            )
        if code in _UNREADABLE_ROWS:
            return RowsRefused("rows_refused", f"The store refused rows (code {code}).")
        if code in _TOO_EXPENSIVE:
            return _too_expensive()
        if not code:
            self.close()  # not an answer of the store: the connection itself is in doubt
        return Unavailable(
            "store_unavailable", "The numbers cannot be read at the moment; try again."
        )


def _pool() -> "PoolManager":
    """Connections whose every request, those with which a client begins too, ends before the invocation does.

    None is tried again here: what could be tried again is tried by the client, or by who asks.
    """
    from clickhouse_connect.driver.httputil import get_pool_manager  # noqa: PLC0415
    from urllib3 import Timeout  # noqa: PLC0415

    pool: Any = get_pool_manager()
    request = pool.request

    def bounded(method: str, url: str, **options: Any) -> Any:
        left = deadline.seconds(_patience.get() or ANSWER_SECONDS)
        limits = Timeout(connect=min(CONNECT_SECONDS, left), read=left)
        return request(method, url, **options | {"timeout": limits, "retries": 0})

    pool.request = bounded
    return pool  # type: ignore[no-any-return]


def _too_expensive() -> Unavailable:
    return Unavailable("too_expensive", "This question took too long; ask for a shorter period.")


def _code(error: Exception) -> int:
    """The store's number of an error, 0 where it is none of the store's."""
    found = re.search(r"\bcode:? (\d+)", str(error), re.IGNORECASE)
    return int(found[1]) if found else 0


def _with_password(url: str, password: str | None) -> str:
    if not password:
        return url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    user = parts.username or "default"
    return urlunsplit(
        parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{host}")
    )


def _name(table: str) -> str:
    if not re.fullmatch(r"[a-z_]+", table):
        raise ValueError(f"no table name of ours: {table}")
    return table
