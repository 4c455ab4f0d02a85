"""One running stack for all clients; each test has a proxy of its own before it."""

from collections.abc import Callable, Iterator

import pytest

from tests.clients.faulty import Fault, Proxy
from tests.flow.stack import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`python -m local` on a folder of its own."""
    stack = Stack(tmp_path_factory.mktemp("clients") / "data").start()
    yield stack
    assert stack.stop() == 0


@pytest.fixture
def proxied(stack: Stack) -> Iterator[Callable[..., Proxy]]:
    """Proxies before the stack, each with the faults it is to make."""
    proxies: list[Proxy] = []

    def start(*faults: Fault) -> Proxy:
        proxies.append(Proxy(stack.port, faults).start())
        return proxies[-1]

    yield start
    for proxy in proxies:
        proxy.stop()
