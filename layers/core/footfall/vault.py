"""Where small secrets lie that outlive a process: Secrets Manager, or a file. Nothing else speaks to either.

A secret is written once and never changed, since Secrets Manager keeps earlier versions of one that is: what has to be
gone for good has to be a secret of its own, deleted without a time for second thoughts.
"""

import fcntl
import json
import os
import secrets
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from footfall.aws import Aws, AwsError, Service
from footfall.errors import Unavailable
from footfall.telemetry import logger

SECRETS_MANAGER = Service(
    "secretsmanager", "secretsmanager", "application/x-amz-json-1.1", "Secrets Manager"
)
READ_SECONDS = 2.0
"""How long Secrets Manager may take."""
Secret = dict[str, Any]
PAUSE_SECONDS = 2.0
"""How long a vault that did not answer is left alone, so that it costs one time-out and not one a request."""


REMEMBERED_SECONDS = 300.0
"""How long a password is used before it is read again."""
REFUSED_SECONDS = 1.0
"""How often a refused password is read again at the most."""


class Vault(Protocol):
    """Secrets by name. Every method raises Unavailable when the vault does not answer.

    A secret that cannot be read any more counts as none, and gives way to a new one: what it held is lost either way.
    """

    def read(self, name: str) -> Secret | None:
        """The secret of a name, None where there is none."""

    def create(self, name: str, secret: Secret) -> Secret:
        """Keep a secret under a new name; the one that stands, which another process may have made first."""

    def delete(self, name: str) -> None:
        """Destroy a secret, if it is there."""


class SecretsManagerVault:
    """AWS Secrets Manager: a secret is `<prefix>/<name>`."""

    def __init__(
        self, client: Aws, prefix: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._monotonic = monotonic
        self._silent_until = 0.0

    def read(self, name: str) -> Secret | None:
        """The secret of a name, None where there is none. Raises Unavailable."""
        answer = self._ask("GetSecretValue", {"SecretId": self._id(name)})
        return None if answer is None else _secret(answer.get("SecretString", ""))

    def create(self, name: str, secret: Secret) -> Secret:
        """Keep a secret; the one that stands. Raises Unavailable."""
        if self._make(name, secret):
            return secret
        standing = self.read(name)
        if standing is None:
            # Damaged, or destroyed meanwhile. Only who may destroy secrets mends it.
            self.delete(name)
            if not self._make(name, secret):
                raise _unavailable()
            standing = secret
        return standing

    def delete(self, name: str) -> None:
        """Destroy a secret, if it is there. Raises Unavailable."""
        self._ask("DeleteSecret", {"SecretId": self._id(name), "ForceDeleteWithoutRecovery": True})

    def _make(self, name: str, secret: Secret) -> bool:
        """Whether there was none yet."""
        made = {
            "Name": self._id(name),
            "SecretString": json.dumps(secret, separators=(",", ":")),
            # By this a request that is sent twice makes one.
            "ClientRequestToken": str(uuid.uuid4()),
        }
        return self._ask("CreateSecret", made) is not None

    def _id(self, name: str) -> str:
        return f"{self._prefix}/{name}"

    def _ask(self, action: str, parameters: dict[str, Any]) -> dict[str, Any] | None:
        """The answer; None where there is no such secret, or already one."""
        if self._monotonic() < self._silent_until:
            raise _unavailable()
        try:
            return self._client.call(action, parameters)
        except AwsError as error:
            if error.kind in ("ResourceNotFoundException", "ResourceExistsException"):
                return None
            self._silent_until = self._monotonic() + PAUSE_SECONDS
            raise _unavailable() from error


class Password:
    """The password of a Secrets Manager secret `{"password": …}`, remembered for a while.

    Rotated in place, the old one is refused at some moment: whoever is refused asks anew. Where both are valid for a
    time, the new one is found before that.
    """

    def __init__(
        self, client: Aws, secret_id: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._secret_id = secret_id
        self._monotonic = monotonic
        self._known = ""
        self._read_at = -REMEMBERED_SECONDS

    def read(self, refused: str | None = None) -> str:
        """The password; read anew where it is old, or is the one that was just `refused`.

        A password that was read before counts while nobody answers. Raises Unavailable when there is none.
        """
        age = self._monotonic() - self._read_at
        is_refused = refused is not None and refused == self._known
        if age >= REMEMBERED_SECONDS or (is_refused and age >= REFUSED_SECONDS):
            self._read_at = self._monotonic()
            try:
                answer = self._client.call("GetSecretValue", {"SecretId": self._secret_id})
                self._known = str((_secret(answer["SecretString"]) or {})["password"])
            except (AwsError, KeyError) as error:
                # Soon again, and not with every statement.
                self._read_at += PAUSE_SECONDS - REMEMBERED_SECONDS
                if not self._known:
                    logger().error("the secret of the store cannot be read")
                    raise _no_password() from error
        if not self._known:
            raise _no_password()
        return self._known


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
        except UnicodeDecodeError:
            text = ""
        kept = _secret(text)
        if kept is None:
            logger().warning("the file of secrets is damaged and is written anew")
        return {name: secret for name, secret in (kept or {}).items() if isinstance(secret, dict)}

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


def _secret(text: str) -> Secret | None:
    """A secret as it is kept, None for what is none."""
    try:
        secret = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return secret if isinstance(secret, dict) else None


def _unavailable() -> Unavailable:
    return Unavailable(
        "salts_unavailable", "Visitors without an id cannot be counted at the moment; try again."
    )


def _no_password() -> Unavailable:
    return Unavailable("store_unavailable", "The numbers cannot be read at the moment; try again.")
