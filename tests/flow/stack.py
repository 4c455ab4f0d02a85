"""The local stack as a process of its own, and the few HTTP calls that tests make to it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


@dataclass
class Stack:
    """`python -m local` on a data folder; killed and started again at will."""

    data: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> "Stack":
        """Start, and wait until it answers."""
        if not self.port:
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.port = free.getsockname()[1]
        log = self.data.parent / "stack.log"
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local", "--port", str(self.port), "--data", str(self.data)],
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": f"{ROOT / 'layers' / 'core'}{os.pathsep}{ROOT}"},
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                if self.get("/health")[0] == 200:
                    return self
            except OSError:
                pass
            assert self.process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        """kill -9, at whatever moment this is."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ctrl-C, and wait; the exit status."""
        if self.process is None or self.process.poll() is not None:
            return 0
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)

    @property
    def keys(self) -> dict[str, str]:
        """What keys.json holds."""
        keys: dict[str, str] = json.loads((self.data / "keys.json").read_text())
        return keys

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """One HTTP request on a connection of its own. Raises OSError when it does not arrive."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()

    def get(self, path: str, **parameters: Any) -> tuple[int, Any]:
        """A reading request with the API key."""
        headers = {}
        if path != "/health":
            headers["Authorization"] = f"Bearer {self.keys['api_key']}"
        status, body = self.request("GET", f"{path}?{urlencode(parameters)}", headers=headers)
        return status, json.loads(body)

    def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        """A collecting request, without a key unless the headers have one."""
        status, answer = self.request("POST", path, json.dumps(body).encode(), headers)
        return status, json.loads(answer)

    def wait_until_stored(self, seconds: float = 120) -> None:
        """Wait until nothing that was accepted waits any more."""
        deadline = time.monotonic() + seconds
        while self.get("/health")[1]["waiting"]:
            assert time.monotonic() < deadline, self.get("/health")
            time.sleep(0.05)

    def value(self, metric: str, **parameters: Any) -> Any:
        """One metric of a period."""
        return self.get("/metrics", metrics=metric, **parameters)[1]["metrics"][metric]["value"]
