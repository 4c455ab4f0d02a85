"""The HTTP interface of a ClickHouse server, over the embedded engine of this process.

clickhouse-connect, BI tools and containers reach the data of the local stack by it. It owns the protocol: users,
parameters, settings, bodies, errors. What a statement may do is `local.sql_guard`'s business. Each request has a
connection of its own, so nothing a request sets outlives it; there are no sessions.

Two users: `footfall` reads and writes, `reader` only reads. A browser's page is neither: requests that carry an
`Origin`, or a `Host` that is not this address, are refused.
"""

import base64
import binascii
import hmac
import json
import logging
import re
import sys
import threading
import uuid
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, quote

from local import sql_guard
from local.http_server import BodyRefused, Handler, HttpServer, read_body
from local.sql_guard import Engine, EngineError, Insert, Statement

WRITER, READER = "footfall", "reader"
BODY_BYTES = 64 << 20
UNPACKED_BYTES = 256 << 20
"""What a compressed body may unpack to."""
_MEMBERS = 100
"""Of how many compressed pieces, one after the other, a body may be."""

_logger = logging.getLogger(__name__)

_AUTHENTICATION_FAILED = (516, "AUTHENTICATION_FAILED")
_BAD_ARGUMENTS = (36, "BAD_ARGUMENTS")
_UNKNOWN_COMPRESSION = (89, "UNKNOWN_COMPRESSION_METHOD")
_UNKNOWN_EXCEPTION = (1002, "UNKNOWN_EXCEPTION")
_TOO_LARGE = (99, "QUERY_IS_TOO_LARGE")
_CONCURRENT_STATEMENTS = 8
_PARAMETERS = 1_000
_TRANSPORT = frozenset(
    {
        "buffer_size",
        "cancel_http_readonly_queries_on_client_close",
        "client_protocol_version",
        "close_session",
        "enable_http_compression",
        "http_headers_progress_interval_ms",
        "query_id",
        "quota_key",
        "role",
        "send_progress_in_http_headers",
        "session_check",
        "session_id",
        "session_timeout",
        "stacktrace",
        "wait_end_of_query",
    }
)
"""Parameters that tell a server how to answer; here every answer is whole, and no session outlives it."""
_OWN = frozenset({"database", "default_format", "password", "query", "user"})
_BLOCKS = frozenset({"compress", "decompress"})
_STATUS: Mapping[int, int] = {
    **dict.fromkeys((192, 193, 497, 512, 516), 403),
    **dict.fromkeys(
        (
            *(6, 8, 15, 25, 26, 27, 36, 38, 41, 44, 53, 62, 72, 117, 167, 168, 223),
            *(321, 376, 427, 441, 675, 676),
        ),
        400,
    ),
    **dict.fromkeys((46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 336, 511), 404),
    48: 501,
    99: 413,
    159: 408,
    **dict.fromkeys((76, 209, 439), 503),
}
"""HTTP's status of an error's code, as ClickHouse has it; the rest is a 500."""
_FAILURE = re.compile(
    r"Code: (\d+)\. DB::Exception: (.*?)(?: \(([A-Z][A-Z_0-9]+)\))?(?: \(version [^)]*\))?\.?\s*$",
    re.DOTALL,
)
_PART_NAME = re.compile(rb'name="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Request:
    """A statement with all that came along with it."""

    user: str
    only_reads: bool
    sql: bytes
    database: str
    format: str
    settings: Mapping[str, str]
    parameters: Mapping[str, str]


class ClickHouseFront:
    """Answers ClickHouse's HTTP on (host, port); port 0 takes a free one.

    `connect` opens one more connection to the engine (`chdb.connect` of the store's folder). `database` holds the
    tables; it must be an ordinary database of its own, as the engine's `default` takes files for tables. `passwords`
    are those of the two users. `allowed_hosts` are names, with or without a port, by which others reach this address.
    """

    def __init__(
        self,
        connect: Callable[[], Any],
        database: str,
        host: str,
        port: int,
        passwords: Mapping[str, str],
        allowed_hosts: Iterable[str] = (),
    ) -> None:
        if set(passwords) != {WRITER, READER} or not all(passwords.values()):
            raise ValueError(f"passwords are needed for {WRITER} and {READER}")
        self._connect = connect
        self._database = database
        self._host = host
        self._port = port
        self._passwords = dict(passwords)
        self._allowed_hosts = tuple(allowed_hosts)
        self._running = threading.BoundedSemaphore(_CONCURRENT_STATEMENTS)
        self._server: HttpServer | None = None
        self._connection: Any = None
        self._engine: Engine | None = None
        self._version = ""
        self._constant_headers: dict[str, str] = {}
        self._hosts: frozenset[str] = frozenset()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._port if self._server is None else self._server.port

    def url(self, user: str) -> str:
        """The address with a user's password in it, as clickhouse-connect takes it for `dsn`."""
        host = "127.0.0.1" if self._host == "0.0.0.0" else self._host  # noqa: S104 - it is compared
        password = quote(self._passwords[user], safe="")
        return f"http://{user}:{password}@{host}:{self.port}/{quote(self._database, safe='')}"

    def start(self) -> None:
        """Listen. Raises OSError when the port is taken, ValueError when the database is none of its own."""
        front = self

        class FrontHandler(_FrontHandler):
            answering = front

        self._server = HttpServer(self._host, self._port, FrontHandler)
        try:
            self._open()
        except BaseException:
            self._server.server_close()
            self._server = None
            self._close()
            raise
        port = self._server.port
        own = {f"{name}:{port}" for name in (self._host, "127.0.0.1", "localhost")}
        given = {name if ":" in name else f"{name}:{port}" for name in self._allowed_hosts}
        self._hosts = frozenset(name.lower() for name in own | given)
        self._server.start()

    def stop(self) -> None:
        """Answer what is under way and let go of the engine."""
        if self._server is not None:
            self._port = self._server.port
            self._server.stop()
            self._server = None
        self._close()

    def refusal(self, headers: Mapping[str, str]) -> str | None:
        """Why a request is not looked at, by its headers (lower-case names), or None."""
        if "origin" in headers:
            return "Requests of web pages are not answered here."
        if headers.get("host", "").lower() not in self._hosts:
            return "This address is not known here by that Host."
        return None

    def user(self, headers: Mapping[str, str], parameters: Mapping[str, str]) -> str:
        """Who a request is from. Raises EngineError 516 when it cannot prove it."""
        name, password = _credentials(headers, parameters)
        expected = self._passwords.get(name)
        is_right = hmac.compare_digest(_bytes(password), _bytes(expected or ""))
        if expected is None or not is_right:
            raise EngineError(
                _AUTHENTICATION_FAILED,
                f"{name}: Authentication failed: password is incorrect, or there is no user with such name.",
            )
        return name

    def answer(
        self,
        user: str,
        is_get: bool,
        parameters: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
    ) -> Answer:
        """Run what a request asks for. Raises EngineError."""
        request = self._request(user, is_get, parameters, headers, body)
        query_id = parameters.get("query_id") or str(uuid.uuid4())
        with self._running:
            connection = self._connect()
            try:
                answer = self._run(_Session(connection), request)
            finally:
                connection.close()
        ids = {"X-ClickHouse-Query-Id": _one_line(query_id)}
        return Answer(
            answer.status, answer.body, self._constant_headers | ids | dict(answer.headers)
        )

    def failure(self, error: EngineError) -> Answer:
        """An error as ClickHouse writes it."""
        sentence = str(error).rstrip(". \n")
        text = f"Code: {error.code}. DB::Exception: {sentence}. ({error.name}) (version {self._version})\n"
        return Answer(
            _STATUS.get(error.code, 500),
            text.encode("utf-8", "replace"),
            {
                "Content-Type": "text/plain; charset=UTF-8",
                "X-ClickHouse-Exception-Code": str(error.code),
            },
        )

    def _open(self) -> None:
        # As long as one connection is open the engine stays up.
        self._connection = self._connect()
        session = _Session(self._connection)
        self._engine = Engine.described_by(session.ask)
        kind = session.ask(
            "SELECT engine FROM system.databases WHERE name = {name:String}",
            {"name": self._database},
        )
        if kind != "Atomic":
            raise ValueError(
                f"`{self._database}` is no database of its own ({kind or 'it is not there'})"
            )
        self._version, timezone = session.ask("SELECT version(), timezone()", {}).split("\t")
        self._constant_headers = {
            "X-ClickHouse-Server-Display-Name": "footfall",
            "X-ClickHouse-Timezone": timezone,
        }

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _request(
        self,
        user: str,
        is_get: bool,
        parameters: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
    ) -> _Request:
        given = dict(parameters)
        content = _unpacked(body, headers.get("content-encoding", ""))
        kind = headers.get("content-type", "")
        if kind.startswith("multipart/form-data"):
            given |= _form(content, kind)
            content = b""
        for name in _BLOCKS & given.keys():
            if given[name] not in ("", "0"):
                raise EngineError(
                    _UNKNOWN_COMPRESSION,
                    f"{name}=1 is not spoken here: use HTTP's Content-Encoding",
                )
        query = _bytes(given.get("query", ""))
        engine = self._described()
        names = given.keys() - _OWN - _TRANSPORT - _BLOCKS
        try:
            "".join(name + given[name] for name in names | (given.keys() & {"database"})).encode()
        except UnicodeEncodeError:
            raise EngineError(_BAD_ARGUMENTS, "A parameter or setting is not UTF-8") from None
        return _Request(
            user=user,
            only_reads=user != WRITER or is_get,
            sql=query + b"\n" + content if query and content else query or content,
            database=given.get("database") or headers.get("x-clickhouse-database", ""),
            format=given.get("default_format")
            or headers.get("x-clickhouse-format")
            or "TabSeparated",
            settings={
                engine.checked_setting(name): given[name]
                for name in sorted(names)
                if not name.startswith("param_")
            },
            parameters={
                name.removeprefix("param_"): given[name]
                for name in names
                if name.startswith("param_")
            },
        )

    def _run(self, session: "_Session", request: _Request) -> Answer:
        engine = self._described()
        database = self._named(request.database)
        if database in engine.closed_databases:
            raise EngineError(sql_guard.ACCESS_DENIED, f"The database `{database}` is closed")
        session.use(database)
        # As on a server: a statement begins with its verb.
        session.set({"implicit_select": "0"})
        insert = sql_guard.insert_with_rows(request.sql)
        if insert is None:
            statement = sql_guard.checked(request.sql, engine, session.ask)
        else:
            statement = sql_guard.checked_insert(insert, engine, session.ask)
        if request.only_reads and statement.writes:
            raise EngineError(
                sql_guard.READONLY, f"{request.user}: Cannot execute query in readonly mode"
            )
        engine.checked_format(statement.format or request.format)
        # Not before the statement was looked at, which they have no part in.
        session.set(request.settings)
        if insert is not None:
            return session.insert(insert, request.sql[insert.rows_at :])
        parameters = sql_guard.checked_parameters(request.parameters, statement, engine)
        if request.only_reads:
            session.set({"readonly": "1"})
        return session.select(request.sql, statement, request.format, parameters)

    def _named(self, database: str) -> str:
        """The database a request means: many tools ask for `default` unless told otherwise."""
        return self._database if database in ("", "default") else database

    def _described(self) -> Engine:
        if self._engine is None:
            raise EngineError(_UNKNOWN_EXCEPTION, "The engine is not open")
        return self._engine


class _Session:
    """One connection to the engine, in ClickHouse's terms."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def ask(self, sql: str, parameters: Mapping[str, str]) -> str:
        """The answer to a question of ours, as text without its last line end."""
        answer: bytes = self._query(sql, "TSVRaw", parameters).bytes()
        return answer.decode("utf-8", "surrogateescape").removesuffix("\n")

    def use(self, database: str) -> None:
        """Make names mean those of a database."""
        escaped = database.replace("\\", "\\\\").replace("`", "\\`")
        self._query(f"USE `{escaped}`", "Null", {})

    def set(self, settings: Mapping[str, str]) -> None:
        """Change settings; their names have been checked."""
        if not settings:
            return
        pairs = ", ".join(f"{name} = {_literal(value)}" for name, value in settings.items())
        self._query(f"SET {pairs}", "Null", {})

    def select(
        self, sql: bytes, statement: Statement, default_format: str, parameters: Mapping[str, str]
    ) -> Answer:
        """Run a statement as it stands."""
        result = self._query(sql, default_format, parameters)
        headers = {
            "Content-Type": _content_type(statement.format or default_format),
            "X-ClickHouse-Summary": _summary(
                read_rows=result.storage_rows_read(),
                read_bytes=result.storage_bytes_read(),
                written_rows=result.rows_written(),
                result_rows=result.rows_read(),
                seconds=result.elapsed(),
            ),
        }
        if statement.answers:
            headers["X-ClickHouse-Format"] = statement.format or default_format
        return Answer(200, result.bytes() or b"", headers)

    def insert(self, insert: Insert, rows: bytes) -> Answer:
        """Run an INSERT with its rows."""
        # Rows in the format Values could hold expressions, which nothing has looked at.
        self.set(
            {
                "input_format_values_interpret_expressions": "0",
                "input_format_values_deduce_templates_of_expressions": "0",
            }
        )
        try:
            text = insert.statement.decode()
        except UnicodeDecodeError:
            raise EngineError(sql_guard.SYNTAX_ERROR, "The statement is not UTF-8") from None
        try:
            inserter = self._connection.send_insert(text, insert.format)
            if rows:
                inserter.append(rows)
            result = inserter.finish()
        except RuntimeError as error:
            raise _translated(error) from error
        summary = _summary(
            read_rows=result.rows_written,
            read_bytes=result.bytes_written,
            written_rows=result.rows_written,
            result_rows=result.rows_written,
            seconds=result.elapsed,
        )
        return Answer(200, b"", {"X-ClickHouse-Summary": summary})

    def _query(self, sql: str | bytes, format_name: str, parameters: Mapping[str, str]) -> Any:
        try:
            return self._connection.query(sql, format_name, params=dict(parameters))
        except RuntimeError as error:
            raise _translated(error) from error


class _FrontHandler(Handler):
    answering: ClickHouseFront

    def do_GET(self) -> None:  # noqa: N802 - the name is the base class's
        self._respond()

    def do_HEAD(self) -> None:  # noqa: N802
        self._respond()

    def do_POST(self) -> None:  # noqa: N802
        self._respond()

    def _respond(self) -> None:
        try:
            answer = self._answered()
        except EngineError as error:
            answer = self.answering.failure(error)
        except BodyRefused as error:
            self.close_connection = True
            answer = _text(error.status, f"{error}\n")
        except Exception:  # the client is told; what went wrong is the log's
            _logger.exception("the front failed")
            answer = self.answering.failure(EngineError(_UNKNOWN_EXCEPTION, "The front failed"))
        self.answer(answer.status, answer.body, dict(answer.headers))

    def _answered(self) -> Answer:
        front = self.answering
        headers = {name.lower(): value for name, value in self.headers.items()}
        # Until the body has been read the connection cannot be used again.
        has_body = "content-length" in headers or "transfer-encoding" in headers
        was_closing, self.close_connection = (
            self.close_connection,
            self.close_connection or has_body,
        )
        reason = front.refusal(headers)
        if reason is not None:
            return _text(403, f"{reason}\n")
        path, _, query = self.path.partition("?")
        if path == "/ping":
            return _text(200, "Ok.\n")
        if path != "/" or self.command == "HEAD":
            return _text(404, "There is no resource of that name; statements go to /.\n")
        parameters = _parameters(query)
        if self.command == "GET" and not query and not has_body:
            return _text(200, "Ok.\n")
        try:
            user = front.user(headers, parameters)
        except EngineError as error:
            refused = front.failure(error)
            if headers.keys() & {"authorization", "x-clickhouse-user"} or "user" in parameters:
                return refused
            challenge = {"WWW-Authenticate": 'Basic realm="ClickHouse server HTTP API"'}
            return Answer(401, refused.body, dict(refused.headers) | challenge)
        body = read_body(self.rfile, self.headers, BODY_BYTES)
        self.close_connection = was_closing
        return front.answer(user, self.command == "GET", parameters, headers, body)


def _credentials(headers: Mapping[str, str], parameters: Mapping[str, str]) -> tuple[str, str]:
    """User and password of a request, which must be given in one way only."""
    ways: list[tuple[str, str]] = []
    if "x-clickhouse-user" in headers or "x-clickhouse-key" in headers:
        ways.append((headers.get("x-clickhouse-user", ""), headers.get("x-clickhouse-key", "")))
    if "authorization" in headers:
        scheme, _, value = headers["authorization"].partition(" ")
        try:
            text = (
                base64.b64decode(value, validate=True).decode() if scheme.lower() == "basic" else ""
            )
        except (binascii.Error, UnicodeDecodeError):
            text = ""
        name, _, password = text.partition(":")
        ways.append((name, password))
    if "user" in parameters or "password" in parameters:
        ways.append((parameters.get("user", ""), parameters.get("password", "")))
    if len(ways) > 1:
        raise EngineError(
            _AUTHENTICATION_FAILED,
            "Invalid authentication: it is given in several ways simultaneously",
        )
    return ways[0] if ways else ("default", "")


def _parameters(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, errors="surrogateescape", max_num_fields=_PARAMETERS
        )
    except ValueError:
        raise EngineError(_BAD_ARGUMENTS, "There are too many parameters") from None
    return dict(pairs)


def _form(body: bytes, content_type: str) -> dict[str, str]:
    """The fields of a multipart form. Raises EngineError for what is none, and for tables sent along as files."""
    boundary = re.search(r'boundary="?([^";,]+)', content_type)
    if boundary is None:
        raise EngineError(_BAD_ARGUMENTS, "The form has no boundary")
    fields: dict[str, str] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())[1:]:
        if part.startswith(b"--"):
            break
        head, found, value = part.partition(b"\r\n\r\n")
        name = _PART_NAME.search(head)
        if not found or name is None:
            raise EngineError(_BAD_ARGUMENTS, "The form cannot be read")
        if b"filename=" in head:
            raise EngineError(sql_guard.NOT_IMPLEMENTED, "External tables are not supported here")
        if len(fields) == _PARAMETERS:
            raise EngineError(_BAD_ARGUMENTS, "There are too many parameters")
        fields[name[1].decode("utf-8", "surrogateescape")] = value.decode(
            "utf-8", "surrogateescape"
        )
    # Who one is, is said where it is asked for: before the body.
    return {name: value for name, value in fields.items() if name not in ("user", "password")}


def _unpacked(body: bytes, encoding: str) -> bytes:
    """A body without its Content-Encoding. Raises EngineError when it cannot be unpacked or becomes too large."""
    name = encoding.strip().lower()
    if name in ("", "identity") or not body:
        return body
    opener = _OPENERS.get(name)
    if opener is None:
        raise EngineError(_UNKNOWN_COMPRESSION, f"Unknown compression method {name}")
    unpacked: list[bytes] = []
    left = UNPACKED_BYTES
    while body:
        if len(unpacked) == _MEMBERS:
            raise EngineError(_BAD_ARGUMENTS, "The body has too many parts")
        unpack = opener()
        try:
            data = unpack.decompress(body, left + 1)
        except (
            OSError,
            RuntimeError,
            ValueError,
            EOFError,
            zlib.error,
            _zstd_module().ZstdError,
        ) as error:
            raise EngineError(_BAD_ARGUMENTS, f"The body is no {name}: {error}") from None
        left -= len(data)
        if left < 0:
            raise EngineError(_TOO_LARGE, "The body unpacks to too much")
        if not unpack.eof:
            raise EngineError(_BAD_ARGUMENTS, f"The body is no whole {name}")
        unpacked.append(data)
        body = unpack.unused_data or b""
    return b"".join(unpacked)


def _gzip() -> Any:
    return zlib.decompressobj(wbits=31)


def _deflate() -> Any:
    return zlib.decompressobj()


def _lz4() -> Any:
    return import_module("lz4.frame").LZ4FrameDecompressor()


def _zstd() -> Any:
    return _zstd_module().ZstdDecompressor()


def _zstd_module() -> Any:
    # What clickhouse-connect brings along, until Python has its own.
    return import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")


_OPENERS: Mapping[str, Callable[[], Any]] = {
    "gzip": _gzip,
    "deflate": _deflate,
    "lz4": _lz4,
    "zstd": _zstd,
}


def _translated(error: Exception) -> EngineError:
    """An error of the engine, from the text in which it comes."""
    text = str(error)
    found = _FAILURE.search(text[max(0, text.find("Code: ")) :])
    if found is None:
        return EngineError(_UNKNOWN_EXCEPTION, text)
    return EngineError((int(found[1]), found[3] or "UNKNOWN_EXCEPTION"), found[2].rstrip(". \n"))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _literal(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _one_line(text: str) -> str:
    return re.sub(r"[^\x20-\x7e]", "", text)


def _summary(
    *, read_rows: int, read_bytes: int, written_rows: int, result_rows: int, seconds: float
) -> str:
    numbers = {
        "read_rows": read_rows,
        "read_bytes": read_bytes,
        "written_rows": written_rows,
        "result_rows": result_rows,
        "elapsed_ns": int(seconds * 1_000_000_000),
    }
    return json.dumps({name: str(number) for name, number in numbers.items()})


def _content_type(format_name: str) -> str:
    if format_name.startswith("JSON") and "EachRow" not in format_name:
        return "application/json; charset=UTF-8"
    if format_name.startswith("JSON"):
        return "application/x-ndjson; charset=UTF-8"
    if format_name.startswith(("TabSeparated", "TSV")):
        return "text/tab-separated-values; charset=UTF-8"
    if format_name.startswith("CSV"):
        return "text/csv; charset=UTF-8"
    if format_name in ("Native", "RowBinary", "Parquet", "Arrow", "ArrowStream", "ORC"):
        return "application/octet-stream"
    return "text/plain; charset=UTF-8"


def _text(status: int, text: str) -> Answer:
    return Answer(status, text.encode(), {"Content-Type": "text/plain; charset=UTF-8"})
