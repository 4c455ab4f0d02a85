"""HTTP to one Footfall: a connection that is kept open, answers as they came, failures as errors of this program."""

import http.client
import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from footfall_cli import __version__
from footfall_cli.errors import CliError, Refused, Unreachable, UsageError
from footfall_cli.settings import Setting, masked

TIMEOUT_SECONDS = 60.0
"""Longer than any gateway waits for its function."""


class Answer(NamedTuple):
    """What came back; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The JSON object of the body. Raises ValueError when it is none."""
        parsed = json.loads(self.body)
        if not isinstance(parsed, dict):
            raise ValueError("no JSON object")
        return parsed


class Client:
    """One keep-alive connection with one key; a thread has its own."""

    def __init__(
        self, url: Setting, key: Setting | None = None, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        """Nothing is sent yet. Raises UsageError for a URL or a key that cannot be one."""
        self.url = url.value.rstrip("/")
        self.key = key
        try:
            parts = urlsplit(self.url)
            self._port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise UsageError(f"{url.value!r} (from {url.source}) is no URL") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(
                f"{url.value!r} (from {url.source}) is no URL; it begins with http:// or https://"
            )
        if key and not (key.value.isascii() and key.value.isprintable() and " " not in key.value):
            raise UsageError(
                f"the key from {key.source} has characters that no key has; was it copied whole?"
            )
        self._source = url.source
        self._scheme, self._host, self._path = parts.scheme, parts.hostname, parts.path
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_local(self) -> bool:
        """Whether it is this machine that answers."""
        return self._host in ("localhost", "::1") or self._host.startswith("127.")

    def get(self, path: str, query: Mapping[str, str | None] | None = None) -> Answer:
        """GET a path; parameters that are None are left out. Raises Unreachable."""
        return self.request("GET", path, query=query)

    def post(
        self,
        path: str,
        body: bytes,
        query: Mapping[str, str | None] | None = None,
        *,
        gzip: bool = False,
    ) -> Answer:
        """POST JSON, already packed if `gzip`. Raises Unreachable."""
        headers = {"content-type": "application/json"}
        if gzip:
            headers["content-encoding"] = "gzip"
        return self.request("POST", path, query=query, body=body, headers=headers)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | None] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request; its answer whatever the status. Raises Unreachable when there is none, UsageError when the URL
        can have none.

        A connection that was kept open may have been closed meanwhile: that is tried again once, on a new one.
        """
        target = self._path + path
        if given := {name: value for name, value in (query or {}).items() if value is not None}:
            target += "?" + urlencode(given)
        sent = {
            "accept": "application/json",
            "user-agent": f"footfall-cli/{__version__}",
            **(headers or {}),
        }
        if self.key:
            sent["authorization"] = f"Bearer {self.key.value}"
        was_open = self._connection is not None
        try:
            return self._exchange(method, target, body, sent)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if not was_open or isinstance(error, TimeoutError):
                raise self._unreachable(error) from None
        except UnicodeError:
            self.close()
            raise UsageError(
                f"{self.url!r} (from {self._source}) is no URL; has its host an empty part, "
                "or its path letters that must be percent-encoded?"
            ) from None
        try:
            return self._exchange(method, target, body, sent)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._unreachable(error) from None

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def checked(self, answer: Answer, refusal: type[CliError] = Refused) -> dict[str, Any]:
        """The JSON of a successful answer.

        Raises UsageError when the key is refused (it says where the key came from), `refusal` when what was sent is,
        Unreachable when the server cannot answer or is none of ours.
        """
        body = self.accepted(answer, refusal)
        if not isinstance(body, dict):
            raise self._stranger(answer)
        return body

    def accepted(self, answer: Answer, refusal: type[CliError] = Refused) -> Any:
        """The JSON of a successful answer, be it an object or a list. Raises as `checked`."""
        try:
            body = json.loads(answer.body)
        except ValueError:
            raise self._stranger(answer) from None
        if answer.status == 200:
            return body
        if not isinstance(body, dict):
            raise self._stranger(answer)
        raise self._failure(answer.status, body, refusal)

    def _stranger(self, answer: Answer) -> Unreachable:
        if answer.status >= 500 or answer.status == 429:
            # What stands before Footfall says so, or it is starting.
            return Unreachable(
                f"{self.url} cannot answer now (status {answer.status}, and nothing that Footfall says); "
                "try again later, or check the URL"
            )
        return Unreachable(f"{self.url} answers (status {answer.status}), but not as Footfall does")

    def _failure(self, status: int, body: Mapping[str, Any], refusal: type[CliError]) -> CliError:
        message = str(body.get("message") or f"status {status}")
        allowed = body.get("allowed")
        if isinstance(allowed, list) and allowed:
            # What the message refers programs to is told at once.
            message = message.replace("; see `allowed`", "")
            message += f" Allowed: {', '.join(map(str, allowed))}."
        if status in (401, 403):
            key = f" the key {masked(self.key.value)} from {self.key.source}" if self.key else ""
            return UsageError(f"{self.url} refused{key}: {message}")
        if status >= 500 or status == 429:
            return Unreachable(f"{self.url} cannot answer now (status {status}): {message}")
        if status in (404, 405) and body.get("code") in (None, "not_found", "method_not_allowed"):
            return Unreachable(
                f"{self.url} answers (status {status}), but not as Footfall does: {message}"
            )
        return refusal(message)

    def _exchange(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        if self._connection is None:
            kind = (
                http.client.HTTPSConnection
                if self._scheme == "https"
                else http.client.HTTPConnection
            )
            self._connection = kind(self._host, self._port, timeout=self._timeout)
        self._connection.request(method, target, body=body, headers=dict(headers))
        response = self._connection.getresponse()
        content = response.read()
        return Answer(
            response.status, {name.lower(): value for name, value in response.getheaders()}, content
        )

    def _unreachable(self, error: Exception) -> Unreachable:
        if isinstance(error, TimeoutError):
            why = f"no answer within {self._timeout:g} s"
        elif isinstance(error, OSError) and error.strerror:
            why = error.strerror.lower()
        else:
            why = str(error) or type(error).__name__
        return Unreachable(f"cannot reach Footfall at {self.url}: {why}")
