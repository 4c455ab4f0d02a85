"""Where small secrets lie that outlive a process: Secrets Manager, or a file. Nothing else speaks to either.

A secret is written once and never changed, since Secrets Manager keeps earlier versions of one that is: what has to be
gone for good has to be a secret of its own, deleted without a time for second thoughts.
"""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from footfall.errors import Unavailable

Secret = dict[str, Any]
PAUSE_SECONDS = 2.0
"""How long a vault that did not answer is left alone, so that it costs one time-out and not one a request."""


class Vault(Protocol):
    """Secrets by name. Every method raises Unavailable when the vault does not answer."""

    def read(self, name: str) -> Secret | None:
        """The secret of a name, None where there is none."""

    def create(self, name: str, secret: Secret) -> Secret:
        """Keep a secret under a new name; the one that stands, which another process may have made first."""

    def delete(self, name: str) -> None:
        """Destroy a secret, if it is there."""


class SecretsManagerVault:
    """AWS Secrets Manager, through a boto3 client: a secret is `<prefix>/<name>`."""

    def __init__(
        self, client: Any, prefix: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._monotonic = monotonic
        self._silent_until = 0.0

    def read(self, name: str) -> Secret | None:
        """The secret of a name, None where there is none. Raises Unavailable."""
        answer = self._ask("get_secret_value", SecretId=self._id(name))
        return None if answer is None else _secret(answer["SecretString"])

    def create(self, name: str, secret: Secret) -> Secret:
        """Keep a secret; the one that stands. Raises Unavailable."""
        text = json.dumps(secret, separators=(",", ":"))
        made = self._ask("create_secret", Name=self._id(name), SecretString=text)
        standing = secret if made is not None else self.read(name)
        if standing is None:
            raise _unavailable()
        return standing

    def delete(self, name: str) -> None:
        """Destroy a secret, if it is there. Raises Unavailable."""
        self._ask("delete_secret", SecretId=self._id(name), ForceDeleteWithoutRecovery=True)

    def _id(self, name: str) -> str:
        return f"{self._prefix}/{name}"

    def _ask(self, operation: str, **parameters: Any) -> dict[str, Any] | None:
        """The answer; None where there is no such secret, or already one."""
        if self._monotonic() < self._silent_until:
            raise _unavailable()
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**parameters)
        except (
            self._client.exceptions.ResourceNotFoundException,
            self._client.exceptions.ResourceExistsException,
        ):
            return None
        except Exception as error:
            self._silent_until = self._monotonic() + PAUSE_SECONDS
            raise _unavailable() from error
        return answer


class FileVault:
    """A file that only its owner may read. It is written whole or not at all, under a lock beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, name: str) -> Secret | None:
        """The secret of a name, None where there is none. Raises Unavailable."""
        return self._load().get(name)

    def create(self, name: str, secret: Secret) -> Secret:
        """Keep a secret; the one that stands. Raises Unavailable."""
        with self._locked():
            kept = self._load()
            if name not in kept:
                self._write(kept | {name: secret})
                return secret
            return kept[name]

    def delete(self, name: str) -> None:
        """Destroy a secret, if it is there. Raises Unavailable."""
        with self._locked():
            kept = self._load()
            if kept.pop(name, None) is not None:
                self._write(kept)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # A file of its own, since the other is replaced.
        lock = self._path.with_name(f".{self._path.name}.lock")
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unavailable() from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _load(self) -> dict[str, Secret]:
        try:
            text = self._path.read_text("utf-8")
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise _unavailable() from error
        return _secret(text)

    def _write(self, kept: dict[str, Secret]) -> None:
        draft = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(kept, file, indent=0)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        except OSError as error:
            raise _unavailable() from error
        finally:
            draft.unlink(missing_ok=True)


def _secret(text: str) -> dict[str, Any]:
    try:
        secret = json.loads(text)
    except ValueError:
        secret = None
    if not isinstance(secret, dict):
        raise _unavailable()
    return secret


def _unavailable() -> Unavailable:
    return Unavailable(
        "salts_unavailable", "Visitors without an id cannot be counted at the moment; try again."
    )
