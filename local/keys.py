"""keys.json of a data folder: the keys of the default site and the passwords of the engines, made once.

Only the owner of the folder may read the file. It is written whole or not at all, so that no crash leaves a folder
without the keys its data was made with.
"""

import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

SITE = "default"


class KeysError(Exception):
    """The file is there and cannot be read; it is not replaced, as trackers may hold its keys."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What lets one send (`write_key`), read and administer (`api_key`), and speak to the engines."""

    url: str
    site: str
    write_key: str
    api_key: str
    queue_access_key: str
    queue_secret_key: str
    counters_password: str
    store_password: str
    reader_password: str

    @property
    def api_key_sha256(self) -> str:
        """What the functions know of the API key."""
        return hashlib.sha256(self.api_key.encode()).hexdigest()


def keep(path: Path, url: str) -> Keys:
    """The keys in the file at `path`, made if there is none; `url` is where the stack is to be found this time.

    Raises KeysError when the file cannot be read.
    """
    known = _read(path) if path.exists() else {}
    keys = Keys(**(asdict(_make(url)) | known | {"url": url}))
    if asdict(keys) != known:
        write(path, asdict(keys))
    return keys


def write(path: Path, content: object) -> None:
    """Write JSON that only the owner may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(content, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise KeysError(f"{path} cannot be read ({error}); mend or remove it") from None
    if not isinstance(content, dict):
        raise KeysError(f"{path} holds no keys; mend or remove it")
    return {field.name: str(content[field.name]) for field in fields(Keys) if field.name in content}


def _make(url: str) -> Keys:
    return Keys(
        url=url,
        site=SITE,
        write_key=f"ffw_{SITE}_{secrets.token_hex(12)}",
        api_key=f"ffa_{secrets.token_hex(24)}",
        queue_access_key=f"AKIA{secrets.token_hex(8).upper()}",
        queue_secret_key=secrets.token_hex(20),
        counters_password=secrets.token_hex(20),
        store_password=secrets.token_hex(20),
        reader_password=secrets.token_hex(20),
    )
