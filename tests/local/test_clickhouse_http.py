"""The ClickHouse front over real HTTP: what clients do, and what nobody may do."""

import gzip
import http.client
import io
import json
import threading
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import Any
from urllib.parse import quote, urlencode

import chdb
import clickhouse_connect
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from footfall.migrate import migrate
from footfall.store import Store
from local import clickhouse_http
from local.clickhouse_http import BODY_BYTES, ClickHouseFront
from local.sql_guard import Engine, EngineError, checked, insert_with_rows

DATABASE = "front"
PASSWORDS = {"footfall": "w/r@t:e", "reader": "read"}
OUTSIDE = "/etc/hostname"


def connect() -> Any:
    """One more connection to the engine of these tests."""
    return chdb.connect(":memory:")


@pytest.fixture(scope="module")
def front(engine: Store) -> Iterator[ClickHouseFront]:
    """A front of a database of its own."""
    engine.execute(f"CREATE DATABASE {DATABASE}")
    server = ClickHouseFront(
        connect, DATABASE, "127.0.0.1", 0, PASSWORDS, allowed_hosts=["host.docker.internal"]
    )
    server.start()
    yield server
    server.stop()
    engine.execute(f"DROP DATABASE {DATABASE}")


def client(front: ClickHouseFront, user: str, **options: Any) -> Any:
    """clickhouse-connect over HTTP."""
    return clickhouse_connect.get_client(
        dsn=front.url(user), tz_mode="aware", autogenerate_session_id=False, **options
    )


@pytest.fixture
def writer(front: ClickHouseFront) -> Iterator[Any]:
    """A client that may write, with a fresh table `visits`."""
    made = client(front, "footfall")
    made.command(
        "CREATE OR REPLACE TABLE visits (id UInt32, path String, at DateTime64(3, 'UTC'))"
        " ENGINE = MergeTree ORDER BY id"
    )
    yield made
    made.close()


@pytest.fixture
def reader(front: ClickHouseFront, writer: Any) -> Iterator[Any]:
    """A client that only reads."""
    made = client(front, "reader")
    yield made
    made.close()


def request(
    front: ClickHouseFront,
    method: str = "POST",
    path: str = "/",
    body: bytes | str = b"",
    headers: Mapping[str, str] | None = None,
    user: str | None = "footfall",
) -> tuple[int, bytes, dict[str, str]]:
    """A request as it is written here: status, body and headers of its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=20)
    given = dict(headers or {})
    if user is not None:
        given |= {"X-ClickHouse-User": user, "X-ClickHouse-Key": PASSWORDS[user]}
    connection.request(method, path, body or None, given)
    response = connection.getresponse()
    answer = response.status, response.read(), dict(response.getheaders())
    connection.close()
    return answer


def code_of(action: Callable[[], Any]) -> int | None:
    """ClickHouse's code for why a client's call fails."""
    with pytest.raises(DatabaseError) as refused:
        action()
    code: int | None = refused.value.code
    return code


# What clients do


def test_rows_come_back_as_they_were_inserted(writer: Any) -> None:
    rows = [
        [1, "/a", datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)],
        [2, "é\0'\\\n", datetime(1999, 1, 1, tzinfo=UTC)],
    ]

    summary = writer.insert("visits", rows, column_names=["id", "path", "at"])
    result = writer.query("SELECT * FROM visits ORDER BY id")

    assert summary.written_rows == 2
    assert [list(row) for row in result.result_rows] == rows


@pytest.mark.parametrize("compression", [None, "lz4", "zstd", "gzip"])
def test_a_client_may_compress_what_it_inserts(
    front: ClickHouseFront, writer: Any, compression: str | None
) -> None:
    compressing = client(front, "footfall", compress=compression or False)

    compressing.insert("visits", [[n, "/a" * 50] for n in range(2000)], column_names=["id", "path"])
    compressing.close()

    assert writer.query("SELECT count(), uniqExact(id) FROM visits").first_row == (2000, 2000)


def test_json_rows_are_inserted_as_they_are(writer: Any) -> None:
    body = b'{"id":1,"path":"/a","at":"2026-01-02T03:04:05.678Z"}\n{"id":2,"path":"/b"}\n'

    summary = writer.raw_insert("visits", insert_block=body, fmt="JSONEachRow")

    assert summary.written_rows == 2
    assert writer.query("SELECT path FROM visits ORDER BY id").result_rows == [("/a",), ("/b",)]


def test_rows_in_chunks_are_put_together(writer: Any) -> None:
    lines = (json.dumps({"id": n}).encode() + b"\n" for n in range(1000))

    writer.raw_insert("visits", insert_block=lines, fmt="JSONEachRow")

    assert writer.command("SELECT count() FROM visits") == 1000


def test_a_view_is_fed_by_an_insert(writer: Any) -> None:
    writer.command("CREATE OR REPLACE TABLE paths (path String) ENGINE = MergeTree ORDER BY path")
    writer.command("DROP VIEW IF EXISTS paths_feed")
    writer.command("CREATE MATERIALIZED VIEW paths_feed TO paths AS SELECT path FROM visits")

    writer.raw_insert("visits", insert_block=b'{"id":1,"path":"/a"}', fmt="JSONEachRow")

    assert writer.command("SELECT path FROM paths") == "/a"
    writer.command("DROP VIEW paths_feed")


@pytest.mark.parametrize("in_form", [False, True])
def test_parameters_are_bound(front: ClickHouseFront, writer: Any, in_form: bool) -> None:
    writer.insert("visits", [[n, f"/{n}"] for n in range(10)], column_names=["id", "path"])
    asking = client(front, "reader", form_encode_query_params=in_form)
    values = {
        "text": "it's \\ a\ttab\nand a line; DROP TABLE visits -- é",
        "ids": list(range(5, 100)),
        "at": datetime(2026, 1, 2, tzinfo=UTC),
        "none": None,
    }

    result = asking.query(
        "SELECT {text:String}, groupArray(id), {at:DateTime64(3, 'UTC')}, {none:Nullable(String)}"
        " FROM (SELECT id FROM visits WHERE id IN {ids:Array(UInt32)} ORDER BY id)",
        parameters=values,
    )
    asking.close()

    assert result.first_row == (values["text"], [5, 6, 7, 8, 9], values["at"], None)


def test_ten_thousand_ids_fit_into_a_form(front: ClickHouseFront, writer: Any) -> None:
    asking = client(front, "reader", form_encode_query_params=True)

    count = asking.query(
        "SELECT count() FROM numbers(20000) WHERE number IN {ids:Array(UInt64)}",
        parameters={"ids": list(range(10_000))},
    ).first_row

    asking.close()
    assert count == (10_000,)


def test_the_summary_tells_the_rows_read_from_tables(writer: Any) -> None:
    writer.insert("visits", [[n, "/"] for n in range(500)], column_names=["id", "path"])

    result = writer.query("SELECT count() FROM visits WHERE path = '/'")

    assert int(result.summary["read_rows"]) == 500


def test_settings_hold_for_their_statement_only(writer: Any) -> None:
    asked = "SELECT getSetting('max_block_size')"

    assert writer.command(asked, settings={"max_block_size": 123}) == 123
    assert writer.command(asked) != 123


def test_an_empty_answer_has_columns_when_none_are_limited(writer: Any) -> None:
    result = writer.query("SELECT id, path FROM visits LIMIT 0")

    assert result.column_names == ("id", "path")


def test_a_table_is_described_and_shown(writer: Any, reader: Any) -> None:
    described = reader.query("DESCRIBE TABLE visits").result_rows

    assert [row[0] for row in described] == ["id", "path", "at"]
    assert "visits" in reader.query("SHOW TABLES").result_columns[0]
    assert reader.command("EXISTS TABLE visits") == 1
    assert "MergeTree" in reader.command("SHOW CREATE TABLE visits")
    assert reader.query("EXPLAIN SELECT 1").result_rows


def test_the_database_default_is_ours(front: ClickHouseFront, writer: Any) -> None:
    status, body, _ = request(front, "GET", "/?database=default&query=SELECT+currentDatabase()")

    assert (status, body) == (200, f"{DATABASE}\n".encode())


def test_an_unknown_database_is_an_error(front: ClickHouseFront) -> None:
    status, body, headers = request(front, "GET", "/?database=nope&query=SELECT+1")

    assert (status, headers["X-ClickHouse-Exception-Code"]) == (404, "81")
    assert body.startswith(b"Code: 81. DB::Exception: ")


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/?query=SELECT+1+AS+a", {}, (b"1\n", "TabSeparated")),
        ("/?query=SELECT+1+AS+a&default_format=CSVWithNames", {}, (b'"a"\n1\n', "CSVWithNames")),
        (
            "/?query=SELECT+1+AS+a",
            {"X-ClickHouse-Format": "JSONEachRow"},
            (b'{"a":1}\n', "JSONEachRow"),
        ),
        ("/?query=SELECT+1+AS+a+FORMAT+TSVRaw&default_format=CSV", {}, (b"1\n", "TSVRaw")),
    ],
)
def test_the_answer_has_the_format_that_is_asked_for(
    front: ClickHouseFront, path: str, headers: dict[str, str], expected: tuple[bytes, str]
) -> None:
    status, body, told = request(front, "GET", path, headers=headers)

    assert status == 200
    assert (body, told["X-ClickHouse-Format"]) == expected
    assert told["X-ClickHouse-Timezone"]
    assert json.loads(told["X-ClickHouse-Summary"])["result_rows"] == "1"


def test_the_statement_may_lie_in_the_address_and_its_rows_in_the_body(
    front: ClickHouseFront, writer: Any
) -> None:
    path = "/?" + urlencode({"query": "INSERT INTO visits (id, path) FORMAT CSV"})
    body = gzip.compress(b"1,/a\n") + gzip.compress(b"2,/b\n")

    status, _, _ = request(front, path=path, body=body, headers={"Content-Encoding": "gzip"})

    assert status == 200
    assert writer.query("SELECT path FROM visits ORDER BY id").result_rows == [("/a",), ("/b",)]


def test_literal_values_are_inserted(front: ClickHouseFront, writer: Any) -> None:
    status, _, _ = request(
        front, body="INSERT INTO visits (id, path) VALUES (1, 'it''s'), (2, '(;FORMAT CSV')"
    )

    assert status == 200
    assert writer.query("SELECT path FROM visits ORDER BY id").result_rows == [
        ("it's",),
        ("(;FORMAT CSV",),
    ]


def test_rows_that_cannot_be_read_change_nothing(front: ClickHouseFront, writer: Any) -> None:
    body = 'INSERT INTO visits FORMAT JSONEachRow\n{"id":1}\n{"id":"two"}\n'

    status, text, headers = request(front, body=body)

    assert status == 400
    assert headers["X-ClickHouse-Exception-Code"] == "27"
    assert b"CANNOT_PARSE_INPUT_ASSERTION_FAILED" in text
    assert writer.command("SELECT count() FROM visits") == 0


@pytest.mark.parametrize(
    ("sql", "code", "status"),
    [
        ("SELECT", 62, 400),
        ("SELECT nope FROM visits", 47, 404),
        ("SELECT 1 FROM nope", 60, 404),
        ("SELECT throwIf(1)", 395, 500),
        ("SELECT 1 SETTINGS nope = 1", 115, 404),
        ("SELECT match('a', '(')", 427, 400),
        ("", 62, 400),
    ],
)
def test_errors_have_the_codes_and_statuses_of_a_server(
    front: ClickHouseFront, writer: Any, sql: str, code: int, status: int
) -> None:
    told, body, headers = request(front, body=sql or " ")

    assert (told, headers["X-ClickHouse-Exception-Code"]) == (status, str(code))
    assert body.decode().startswith(f"Code: {code}. DB::Exception: ")


def test_only_one_statement_runs_and_a_semicolon_may_end_it(front: ClickHouseFront) -> None:
    two, body, headers = request(front, body="SELECT 1; SELECT 2")

    assert (two, headers["X-ClickHouse-Exception-Code"]) == (400, "62")
    assert b"Multi-statements are not allowed" in body
    assert request(front, body="SELECT 1;")[:2] == (200, b"1\n")


def test_parentheses_that_change_nothing_are_let_through(front: ClickHouseFront) -> None:
    sql = "SELECT (1) WHERE (has([1], 1)) AND ((2) IN (1, 2)) AND 1"
    assert request(front, body=sql)[:2] == (200, b"1\n")


def test_ping_and_the_bare_address_answer_without_a_password(front: ClickHouseFront) -> None:
    assert request(front, "GET", "/ping", user=None)[:2] == (200, b"Ok.\n")
    assert request(front, "HEAD", "/ping", user=None)[:2] == (200, b"")
    assert request(front, "GET", "/", user=None)[:2] == (200, b"Ok.\n")
    assert request(front, "GET", "/play")[0] == 404


def test_statements_run_at_the_same_time(front: ClickHouseFront, writer: Any) -> None:
    answers: list[tuple[int, bytes]] = []

    def ask() -> None:
        for number in range(5):
            sql = f"SELECT {number} + count() FROM numbers(1000) SETTINGS max_threads = 1"
            answers.append(request(front, body=sql)[:2])

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == sorted(
        (200, f"{1000 + n}\n".encode()) for n in range(5) for _ in range(12)
    )


def test_the_store_of_the_product_works_over_http(front: ClickHouseFront) -> None:
    store = Store(front.url("footfall"))

    migrate(store)
    migrate(store)

    assert store.is_alive()
    store.insert(
        "events", [{"site_id": "default", "event_id": "01890a5d-ac96-774b-bcce-b302099a8057"}]
    )
    store.close()
    asking = client(front, "reader")
    assert asking.command("SELECT count() FROM events FINAL") == 1
    asking.close()


# Who may


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("", {"X-ClickHouse-User": "footfall", "X-ClickHouse-Key": PASSWORDS["footfall"]}),
        ("", {"Authorization": "Basic " + b64encode(b"footfall:w/r@t:e").decode()}),
        ("&user=footfall&password=" + quote(PASSWORDS["footfall"]), {}),
    ],
)
def test_the_password_may_be_given_in_three_ways(
    front: ClickHouseFront, path: str, headers: dict[str, str]
) -> None:
    answer = request(front, "GET", "/?query=SELECT+7" + path, headers=headers, user=None)

    assert answer[:2] == (200, b"7\n")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("", {}, 401),
        ("", {"X-ClickHouse-User": "footfall", "X-ClickHouse-Key": "read"}, 403),
        ("", {"X-ClickHouse-User": "footfall"}, 403),
        ("", {"X-ClickHouse-User": "default", "X-ClickHouse-Key": ""}, 403),
        ("", {"X-ClickHouse-User": "nobody", "X-ClickHouse-Key": "read"}, 403),
        ("", {"Authorization": "Basic " + b64encode(b"footfall:no").decode()}, 403),
        ("", {"Authorization": "Basic %%%"}, 403),
        ("&user=footfall&password=%ff", {}, 403),
        ("", {"Authorization": "Bearer read"}, 403),
        ("&user=footfall", {}, 403),
        ("&user=reader&password=read", {"X-ClickHouse-User": "footfall"}, 403),
    ],
)
def test_a_wrong_password_is_refused(
    front: ClickHouseFront, path: str, headers: dict[str, str], status: int
) -> None:
    told, body, answered = request(
        front, "GET", "/?query=SELECT+7" + path, headers=headers, user=None
    )

    assert (told, answered["X-ClickHouse-Exception-Code"]) == (status, "516")
    assert b"AUTHENTICATION_FAILED" in body
    assert ("WWW-Authenticate" in answered) == (status == 401)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://127.0.0.1:8787"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:1"},
        {"Host": "localhost.evil.example:{port}"},
    ],
)
@pytest.mark.parametrize("path", ["/?query=SELECT+1", "/ping"])
def test_pages_and_other_hosts_are_refused(
    front: ClickHouseFront, path: str, headers: dict[str, str]
) -> None:
    given = {name: value.replace("{port}", str(front.port)) for name, value in headers.items()}

    assert request(front, "GET", path, headers=given)[0] == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "host.docker.internal"])
def test_the_hosts_it_is_known_by_are_answered(front: ClickHouseFront, host: str) -> None:
    answer = request(front, "GET", "/ping", headers={"Host": f"{host}:{front.port}"})

    assert answer[0] == 200


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO visits (id) VALUES (1)",
        "INSERT INTO visits (id) SELECT 1",
        "INSERT INTO visits FORMAT JSONEachRow\n{}",
        "/* SELECT */ INSERT INTO visits (id) VALUES (1)",
        "CREATE TABLE t (a UInt8) ENGINE = Memory",
        "CREATE VIEW v AS SELECT 1",
        "DROP TABLE visits",
        "TRUNCATE TABLE visits",
        "ALTER TABLE visits DELETE WHERE 1",
        "DELETE FROM visits WHERE 1",
        "OPTIMIZE TABLE visits",
        "RENAME TABLE visits TO other",
    ],
)
def test_the_reader_cannot_write(front: ClickHouseFront, writer: Any, sql: str) -> None:
    writer.insert("visits", [[7]], column_names=["id"])

    for path in ("/", "/?readonly=0", "/?allow_ddl=1"):
        status, _, headers = request(front, path=path, body=sql, user="reader")
        assert status >= 400
        assert headers["X-ClickHouse-Exception-Code"] in ("164", "497")

    assert writer.query("SELECT id FROM visits").result_rows == [(7,)]


def test_the_engine_itself_keeps_the_reader_from_writing(reader: Any) -> None:
    readonly = "SELECT getSetting('readonly')"

    assert reader.command(readonly) == 1
    assert code_of(lambda: reader.command(f"{readonly} SETTINGS readonly = 0")) == 497
    assert code_of(lambda: reader.command(f"{readonly} SETTINGS max_threads = 1")) == 164


def test_get_never_writes(front: ClickHouseFront, writer: Any) -> None:
    status, _, headers = request(front, "GET", "/?query=" + quote("DROP TABLE visits"))

    assert (status, headers["X-ClickHouse-Exception-Code"]) == (500, "164")
    assert request(front, "GET", "/?query=SELECT+getSetting('readonly')")[1] == b"1\n"


# Nothing reaches outside the store, whoever asks

FUNCTIONS = [
    "file", "url", "s3", "s3Cluster", "gcs", "hdfs", "hdfsCluster", "remote", "remoteSecure", "cluster",
    "clusterAllReplicas", "executable", "python", "Python", "mysql", "postgresql", "mongodb", "redis",
    "sqlite", "odbc", "jdbc", "azureBlobStorage", "iceberg", "icebergLocal", "deltaLake", "deltaLakeLocal",
    "hudi", "paimonLocal", "input", "filesystem", "loop", "merge", "eval", "dictionary", "oss", "cosn",
    "fileCluster", "urlCluster", "bigquery", "ytsaurus", "arrowstream", "mergeTreeIndex",
]  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_table_functions_that_reach_outside_are_refused(front: ClickHouseFront, name: str) -> None:
    for user in ("footfall", "reader"):
        assert refusal(front, f"SELECT * FROM {name}('{OUTSIDE}')", user) == ("497", 403)


def test_no_table_function_is_let_through_that_nobody_looked_at() -> None:
    connection = connect()
    query = "SELECT arrayJoin(groupUniqArray(lower(name))) FROM system.table_functions"
    names = set(connection.query(query, "TSVRaw").bytes().decode().split())
    engine = Engine.described_by(lambda sql, _: ask(connection, sql))

    let_through = {name for name in names if is_let_through(connection, engine, name)}
    connection.close()

    assert let_through == {
        "generaterandom", "generateseries", "generate_series", "null", "numbers", "numbers_mt",
        "sqlstandardvalues", "values", "view", "viewexplain", "zeros", "zeros_mt",
    }  # fmt: skip
    assert len(names) > 80


@pytest.mark.parametrize("user", ["footfall", "reader"])
@pytest.mark.parametrize("name", ["file", "url", "python", "remote"])
def test_a_table_function_is_refused_wherever_it_stands(
    front: ClickHouseFront, user: str, name: str
) -> None:
    for sql in (
        f"SELECT * FROM /* c */ `{name}` -- d\n ('{OUTSIDE}')",
        f"SELECT 1 WHERE 1 IN (SELECT 1 FROM (SELECT * FROM \"{name}\"('{OUTSIDE}')))",
        f"SELECT 1 IN {name}('{OUTSIDE}')",
        f"DESCRIBE TABLE {name}('{OUTSIDE}')",
        f"EXPLAIN SELECT * FROM {name}('{OUTSIDE}')",
        f"WITH x AS (SELECT * FROM {name}('{OUTSIDE}')) SELECT 1 UNION ALL SELECT 2 FROM x",
    ):
        assert refusal(front, sql, user) == ("497", 403), sql


@pytest.mark.parametrize("name", ["file", "url", "python", "remote"])
def test_the_writer_cannot_bring_the_outside_in(
    front: ClickHouseFront, writer: Any, name: str
) -> None:
    for sql in (
        f"INSERT INTO visits (path) SELECT * FROM {name}('{OUTSIDE}')",
        f"INSERT INTO FUNCTION {name}('{OUTSIDE}') SELECT 1",
        f"INSERT INTO TABLE FUNCTION {name}('{OUTSIDE}') FORMAT CSV\n1",
        f"CREATE TABLE outside AS {name}('{OUTSIDE}')",
        f"CREATE TABLE outside ENGINE = Memory AS SELECT * FROM {name}('{OUTSIDE}')",
        f"CREATE VIEW outside AS SELECT * FROM {name}('{OUTSIDE}')",
    ):
        assert refusal(front, sql, "footfall") == ("497", 403), sql


@pytest.mark.parametrize("user", ["footfall", "reader"])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT file('{o}')",
        "SELECT FILE ( '{o}' )",
        "SELECT `file`('{o}')",
        "SELECT arrayMap(file, ['{o}'])",
        "SELECT arrayMap(x -> file(x), ['{o}'])",
        "SELECT * APPLY(file) FROM (SELECT '{o}' AS x)",
        "SELECT * APPLY file FROM (SELECT '{o}' AS x)",
        "WITH file AS f SELECT f('{o}')",
        "SELECT * FROM default.`{o}`",
        "SELECT * FROM `default`.`{o}`",
        'SELECT * FROM "default"."{o}"',
        "SELECT 1 IN default.`{o}`",
        "DESCRIBE TABLE default.`{o}`",
        "DESC default.`{o}`",
        "SHOW CREATE TABLE default.`{o}`",
        "SHOW COLUMNS FROM `{o}` FROM default",
        "EXISTS TABLE default.`{o}`",
        "SELECT hasColumnInTable('default', '{o}', 'c')",
        "SELECT 1 INTO OUTFILE '/nowhere/outside'",
        "SHOW TABLES INTO OUTFILE '/nowhere/outside'",
        "SHOW TABLES WHERE file('{o}') = ''",
        "EXISTS TABLE visits INTO OUTFILE '/nowhere/outside'",
        "SELECT 1 SETTINGS additional_result_filter = 'file(''{o}'') != '''''",
        "SELECT 1 SETTINGS filter = 'file(''{o}'') != '''''",
        "SELECT 1 SETTINGS select = 'file(''{o}'')'",
        "SELECT 1 SETTINGS format_schema = '{o}'",
        "SELECT 1 SETTINGS dialect = 'kusto'",
        "SELECT 1 // ' \n, file('{o}') --'",
        "SELECT 1 /* /* */ ' */, file('{o}') --'",
        "SELECT $a$'$a$, file('{o}') --'",
        "SELECT 'a\\\\', file('{o}') --'",
        "SELECT\u00a01,\u2003file\u2003('{o}')",
        "SELECT aiGenerate('x')",
        "SYSTEM SHUTDOWN",
        "BACKUP TABLE visits TO File('/nowhere/outside')",
        "RESTORE TABLE visits FROM File('/nowhere/outside')",
        "SET readonly = 0",
        "USE default",
        "KILL QUERY WHERE 1",
        "EXECUTE AS default SELECT 1",
        "GRANT ALL ON *.* TO reader",
    ],
)
def test_tricks_that_reach_outside_are_refused(front: ClickHouseFront, user: str, sql: str) -> None:
    assert refusal(front, sql.replace("{o}", OUTSIDE), user) == ("497", 403)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t (a UInt8) ENGINE = File(CSV)",
        "CREATE TABLE t (a UInt8) ENGINE = /* c */ `URL`('http://127.0.0.1:1/')",
        "CREATE TABLE t (a UInt8) ENGINE S3('http://127.0.0.1:1/')",
        "CREATE TABLE t (a UInt8) ENGINE = Buffer(default, `{o}`, 1, 1, 1, 1, 1, 1, 1)",
        "CREATE TABLE t (a UInt8) ENGINE = Merge(default, '.*')",
        "CREATE TABLE t (a UInt8) ENGINE = Executable('x', 'CSV')",
        "CREATE TABLE t (a UInt8) ENGINE = SQLite('{o}', 't')",
        "CREATE TABLE t AS default.`{o}`",
        "CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a SETTINGS disk = 'x'",
        "CREATE TABLE t (a UInt8) ENGINE = Log SETTINGS disk = disk(type = local, path = '/nowhere/')",
        "CREATE TABLE t (a String DEFAULT file('{o}')) ENGINE = Memory",
        "CREATE TABLE t (a String, CONSTRAINT c CHECK file('{o}') = '') ENGINE = Memory",
        "CREATE DATABASE d ENGINE = Filesystem('/')",
        "CREATE DATABASE d ENGINE = SQLite('{o}')",
        "CREATE MATERIALIZED VIEW v ENGINE = File(CSV) AS SELECT 1 AS a",
        "CREATE MATERIALIZED VIEW v TO default.`/nowhere/x.csv` AS SELECT 1 AS a",
        "CREATE FUNCTION f AS x -> x",
        "CREATE NAMED COLLECTION n AS url = 'x'",
        "CREATE USER u IDENTIFIED BY 'x'",
        "CREATE DICTIONARY d (a UInt8) PRIMARY KEY a SOURCE(HTTP(url 'x')) LAYOUT(FLAT()) LIFETIME(1)",
        "CREATE TEMPORARY TABLE t (a UInt8)",
        "CREATE TABLE a (x UInt8) ENGINE = Memory PARALLEL WITH CREATE TABLE b (x UInt8) ENGINE = File(CSV)",
        "ATTACH TABLE t FROM '/nowhere/' (a UInt8) ENGINE = Memory",
        "DETACH TABLE visits",
        "ALTER TABLE visits FETCH PARTITION tuple() FROM '/x'",
        "ALTER TABLE visits FREEZE",
        "ALTER TABLE visits ADD COLUMN c String DEFAULT file('{o}')",
        "ALTER TABLE visits UPDATE path = file('{o}') WHERE 1",
        "ALTER TABLE visits MODIFY SETTING disk = 'x'",
        "INSERT INTO visits FROM INFILE '{o}' FORMAT CSV",
        "INSERT INTO visits (path) FROM INFILE '{o}' FORMAT LineAsString",
        "INSERT INTO default.`/nowhere/x.csv` SELECT 1",
        "INSERT INTO default.`/nowhere/x.csv` FORMAT CSV\n1",
        "RENAME TABLE visits TO default.visits",
    ],
)
def test_the_writer_cannot_make_what_reaches_outside(
    front: ClickHouseFront, writer: Any, sql: str
) -> None:
    assert refusal(front, sql.replace("{o}", OUTSIDE), "footfall") == ("497", 403)


@pytest.mark.parametrize(
    "path",
    [
        "/?param_x=%ff&query=SELECT+{x:String}",
        "/?log_comment=%ff&query=SELECT+1",
        "/?database=%ff&query=SELECT+1",
    ],
)
def test_what_is_not_utf_8_is_refused(front: ClickHouseFront, path: str) -> None:
    status, _, headers = request(front, "GET", path)

    assert (status, headers["X-ClickHouse-Exception-Code"]) == (400, "36")


@pytest.mark.parametrize("name", ["DataFrame", "dataframe", "ArrowTable", "DataStore", "Nope"])
def test_formats_that_are_no_bytes_are_unknown(front: ClickHouseFront, name: str) -> None:
    for path, sql in (
        (f"/?default_format={name}", "SELECT 1"),
        ("/", f"SELECT 1 FORMAT {name}"),
        ("/", f"INSERT INTO visits FORMAT {name}\n1"),
    ):
        status, _, headers = request(front, path=path, body=sql)

        assert (status, headers["X-ClickHouse-Exception-Code"]) == (404, "73")


@pytest.mark.parametrize("user", ["footfall", "reader"])
@pytest.mark.parametrize(
    ("sql", "parameters"),
    [
        ("SELECT * FROM {d:Identifier}.{t:Identifier}", {"d": "default", "t": OUTSIDE}),
        ("SELECT arrayMap({f:Identifier}, ['x'])", {"f": "file"}),
        ("SELECT arrayMap({f:Identifier}, ['x'])", {"f": "FILE"}),
    ],
)
def test_parameters_name_nothing_outside(
    front: ClickHouseFront, user: str, sql: str, parameters: dict[str, str]
) -> None:
    path = "/?" + urlencode({f"param_{name}": value for name, value in parameters.items()})

    status, _, headers = request(front, path=path, body=sql, user=user)

    assert (status, headers["X-ClickHouse-Exception-Code"]) == (403, "497")


@pytest.mark.parametrize("user", ["footfall", "reader"])
@pytest.mark.parametrize(
    "sql", ["SELECT * FROM '{o}'", "SELECT * FROM `{o}`", "SELECT * FROM `default.{o}`"]
)
def test_a_path_is_no_table(front: ClickHouseFront, user: str, sql: str) -> None:
    code, _ = refusal(front, sql.replace("{o}", OUTSIDE), user)

    assert code == "60"


@pytest.mark.parametrize(
    "name",
    ["readonly", "dialect", "additional_result_filter", "filter", "select", "promql_database", "format_schema",
     "input_format_values_interpret_expressions", "implicit_table_at_top_level", "s3_base"],
)  # fmt: skip
def test_settings_that_could_open_a_way_are_refused(front: ClickHouseFront, name: str) -> None:
    status, _, headers = request(front, path=f"/?{name}=1", body="SELECT 1")

    assert headers["X-ClickHouse-Exception-Code"] in ("497", "115")
    assert status in (403, 404)


def test_values_are_literals_only(front: ClickHouseFront, writer: Any) -> None:
    status, body, _ = request(front, body=f"INSERT INTO visits (path) VALUES (file('{OUTSIDE}'))")

    assert status >= 400
    assert b"Interpreting expressions is disabled" in body
    assert writer.command("SELECT count() FROM visits") == 0


def test_a_form_cannot_bring_what_the_address_cannot(front: ClickHouseFront, writer: Any) -> None:
    body = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % field
        for field in (
            (b"query", b"INSERT INTO visits (id) SELECT 1"),
            (b"user", b"footfall"),
            (b"password", PASSWORDS["footfall"].encode()),
        )
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}

    status, _, told = request(front, body=body + b"--x--\r\n", headers=headers, user="reader")

    assert (status, told["X-ClickHouse-Exception-Code"]) == (500, "164")


def test_tables_sent_along_are_refused(front: ClickHouseFront) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="t"; filename="t"\r\n\r\n1\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}

    status, _, _ = request(front, path="/?query=SELECT+1", body=body, headers=headers)

    assert status == 501


# Bodies


def test_a_body_that_is_too_large_is_not_read(front: ClickHouseFront) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=5)
    connection.putrequest("POST", "/")
    connection.putheader("X-ClickHouse-User", "footfall")
    connection.putheader("X-ClickHouse-Key", PASSWORDS["footfall"])
    connection.putheader("Content-Length", str(BODY_BYTES + 1))
    connection.endheaders()

    status = connection.getresponse().status
    connection.close()

    assert status == 413


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd", "lz4"])
def test_a_body_that_unpacks_to_too_much_is_refused(
    front: ClickHouseFront, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clickhouse_http, "UNPACKED_BYTES", 4 << 20)

    status, _, _ = request(
        front, path="/?query=SELECT+1", body=bomb(encoding), headers={"Content-Encoding": encoding}
    )

    assert status == 413


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd", "lz4", "br"])
def test_a_body_that_is_not_what_it_says_is_refused(front: ClickHouseFront, encoding: str) -> None:
    for body in (b"not at all", gzip.compress(b"cut off")[:-6]):
        status, _, headers = request(
            front, path="/?query=SELECT+1", body=body, headers={"Content-Encoding": encoding}
        )

        assert status in (400, 500)
        assert headers["X-ClickHouse-Exception-Code"] in ("36", "89")


def test_clickhouses_own_blocks_are_refused_rather_than_misread(front: ClickHouseFront) -> None:
    for name in ("compress", "decompress"):
        _, body, headers = request(front, path=f"/?{name}=1", body="SELECT 1")

        assert headers["X-ClickHouse-Exception-Code"] == "89"
        assert b"Content-Encoding" in body


# What it stands on


def test_a_database_in_which_files_are_tables_is_refused(engine: Store) -> None:
    for database in ("default", "nope"):
        front = ClickHouseFront(connect, database, "127.0.0.1", 0, PASSWORDS)

        with pytest.raises(ValueError, match="no database of its own"):
            front.start()


def test_both_users_need_a_password() -> None:
    for passwords in ({"footfall": "x"}, {"footfall": "x", "reader": ""}):
        with pytest.raises(ValueError, match="passwords are needed"):
            ClickHouseFront(connect, DATABASE, "127.0.0.1", 0, passwords)


@pytest.mark.parametrize(
    ("sql", "statement", "rows"),
    [
        (b"INSERT INTO t FORMAT CSV\n1", b"INSERT INTO t ", b"1"),
        (b"INSERT INTO t FORMAT CSV\r\n1", b"INSERT INTO t ", b"1"),
        (b"insert into t (a, b)values(1)", b"insert into t (a, b)", b"(1)"),
        (b"INSERT INTO values VALUES (1)", b"INSERT INTO values ", b" (1)"),
        (
            b"-- FORMAT\nINSERT INTO `FORMAT x` FORMAT Native \n\0",
            b"-- FORMAT\nINSERT INTO `FORMAT x` ",
            b"\0",
        ),
        (
            b"INSERT INTO t SETTINGS a = 'FORMAT CSV' FORMAT TSV\n",
            b"INSERT INTO t SETTINGS a = 'FORMAT CSV' ",
            b"",
        ),
    ],
)
def test_an_insert_is_cut_before_its_rows(sql: bytes, statement: bytes, rows: bytes) -> None:
    insert = insert_with_rows(sql)

    assert insert is not None
    assert (insert.statement, sql[insert.rows_at :]) == (statement, rows)


@pytest.mark.parametrize(
    "sql", [b"", b"SELECT 1 FORMAT CSV", b"INSERT INTO t SELECT 1 FORMAT CSV", b"INSERT INTO t"]
)
def test_only_an_insert_with_rows_is_cut(sql: bytes) -> None:
    assert insert_with_rows(sql) is None


def ask(connection: Any, sql: str, parameters: Mapping[str, str] | None = None) -> str:
    """What the engine answers to a question of the guard."""
    answer: bytes = connection.query(sql, "TSVRaw", params=dict(parameters or {})).bytes()
    return answer.decode().removesuffix("\n")


def is_let_through(connection: Any, engine: Engine, name: str) -> bool:
    """Whether the guard lets a table function run."""
    argument = "SELECT 1" if name == "view" else "'x'"
    try:
        checked(
            f"SELECT * FROM {name}({argument})".encode(),
            engine,
            lambda sql, parameters: ask(connection, sql, parameters),
        )
    except (EngineError, chdb.ChdbError):
        return False
    return True


def refusal(front: ClickHouseFront, sql: str, user: str) -> tuple[str, int]:
    """The code and the status with which a statement is refused."""
    status, body, headers = request(front, body=sql.encode(), user=user)
    assert status != 200, body
    return headers["X-ClickHouse-Exception-Code"], status


def bomb(encoding: str) -> bytes:
    """A small body that unpacks to 5 MiB."""
    piece, pieces = bytes(1 << 20), 5
    if encoding in ("gzip", "deflate"):
        packer = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)
        return b"".join(packer.compress(piece) for _ in range(pieces)) + packer.flush()
    if encoding == "zstd":
        return bytes(import_module("backports.zstd").compress(piece * pieces))
    buffer = io.BytesIO()
    with import_module("lz4.frame").open(buffer, "wb") as file:
        for _ in range(pieces):
            file.write(piece)
    return buffer.getvalue()
