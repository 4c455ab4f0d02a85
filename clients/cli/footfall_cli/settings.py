"""Where to and as whom: the URL, the keys and the site, and where each of them was found.

Looked for in this order: the options, the environment, `.footfall/keys.json` of the current folder (the local stack
keeps it there), the user's config file, which has the same fields.
"""

import json
import os
from collections.abc import Mapping
from typing import NamedTuple

from footfall_cli.errors import UsageError

Place = str | os.PathLike[str]
DEFAULT_URL = "http://127.0.0.1:8787"
FIELDS = ("url", "site", "api_key", "write_key")
_VARIABLES = {
    "url": "FOOTFALL_URL",
    "site": "FOOTFALL_SITE",
    "api_key": "FOOTFALL_API_KEY",
    "write_key": "FOOTFALL_WRITE_KEY",
}
_OPTIONS = {"url": "--url", "site": "--site", "api_key": "--key", "write_key": "--key"}


class Setting(NamedTuple):
    """A value and where it came from, in words for a person."""

    value: str
    source: str


class Settings(NamedTuple):
    """What every command needs to know; None where nothing was said."""

    url: Setting
    site: Setting | None = None
    api_key: Setting | None = None
    write_key: Setting | None = None

    def need_api_key(self) -> Setting:
        """The key that reads and imports. Raises UsageError when there is none."""
        if self.api_key is None:
            raise UsageError(
                "no API key: give --key, set FOOTFALL_API_KEY, be where .footfall/keys.json is, or run footfall login"
            )
        return self.api_key

    def described(self) -> list[dict[str, str]]:
        """Each setting, its value (of a key what may be shown) and where it was found."""
        rows = []
        for field in FIELDS:
            found: Setting | None = getattr(self, field)
            value = "" if found is None else found.value
            rows.append(
                {
                    "setting": field,
                    "value": masked(value) if value and field.endswith("key") else value,
                    "source": "" if found is None else found.source,
                }
            )
        return rows


def find(
    options: Mapping[str, str | None], environ: Mapping[str, str], folder: Place, home: Place
) -> Settings:
    """The settings of a command given its options (`url`, `site`, `key`), the current folder and the home folder.

    Each setting is looked for by itself. Raises UsageError for a file that cannot be read.
    """
    given = {"api_key": options.get("key"), "write_key": options.get("key"), **options}
    # Not pathlib, whose import would take a tenth of the time that a command does.
    config = os.path.join(  # noqa: PTH118
        environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"),  # noqa: PTH118
        "footfall",
        "config.json",
    )
    keys = os.path.join(folder, ".footfall", "keys.json")  # noqa: PTH118
    files = [(".footfall/keys.json", keys), (config, config)]
    contents: dict[str, Mapping[str, str]] = {}
    found: dict[str, Setting] = {}
    for field in FIELDS:
        if value := given.get(field):
            found[field] = Setting(value, _OPTIONS[field])
        elif value := environ.get(_VARIABLES[field]):
            found[field] = Setting(value, _VARIABLES[field])
        else:
            for name, path in files:
                if name not in contents:
                    contents[name] = _read(path)
                if value := contents[name].get(field):
                    found[field] = Setting(value, name)
                    break
    found.setdefault("url", Setting(DEFAULT_URL, "the default"))
    return Settings(**found)


def masked(key: str) -> str:
    """A key as it may be shown: what kind it is and how it ends."""
    prefix = key[: key.rfind("_") + 1]
    return f"{prefix}…{key[-4:]}" if len(key) - len(prefix) >= 12 else "…"


def _read(path: str) -> Mapping[str, str]:
    """The fields of a file; nothing when there is no file. Raises UsageError for a field that is no text."""
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            content = json.load(file)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read ({error})") from None
    if not isinstance(content, dict):
        raise UsageError(f"{path} must hold a JSON object")
    fields = {field: content[field] for field in FIELDS if content.get(field) is not None}
    for field, value in fields.items():
        if not isinstance(value, str):
            raise UsageError(f"{path}: {field} must be a text in quotes")
    return fields
