"""What every command can be told: where, as whom, about which site, and how to print."""

import os
from typing import Annotated

from footfall_cli.client import Client
from footfall_cli.errors import UsageError
from footfall_cli.parameters import Option
from footfall_cli.settings import Settings, find

_ELSE = "else {}, .footfall/keys.json, config file."


class Target:
    """The options that all commands share, and the settings that they lead to."""

    def __init__(
        self,
        url: Annotated[
            str | None, Option("--url", f"Where Footfall is; {_ELSE.format('FOOTFALL_URL')}")
        ] = None,
        key: Annotated[
            str | None,
            Option("--key", f"The key; {_ELSE.format('FOOTFALL_API_KEY (FOOTFALL_WRITE_KEY)')}"),
        ] = None,
        site: Annotated[
            str | None, Option("--site", f"The site; {_ELSE.format('FOOTFALL_SITE')}")
        ] = None,
        as_json: Annotated[bool, Option("--json", "Print the answer as JSON.")] = False,
        as_csv: Annotated[bool, Option("--csv", "Print the table as CSV.")] = False,
    ) -> None:
        self._options = {"url": url, "key": key, "site": site}
        self._settings: Settings | None = None
        self.as_json = as_json
        self.as_csv = as_csv
        if as_json and as_csv:
            raise UsageError("give --json or --csv, not both")

    @property
    def settings(self) -> Settings:
        """Where to and as whom. Raises UsageError for a file that cannot be read."""
        if self._settings is None:
            self._settings = find(self._options, os.environ, os.curdir, os.path.expanduser("~"))  # noqa: PTH111 - see settings.py
        return self._settings

    @property
    def site(self) -> str | None:
        """The id of the site that is meant; None leaves it to the server. Raises as `settings`."""
        return self.settings.site.value if self.settings.site else None

    def client(self) -> Client:
        """A client that reads and administers. Raises as `settings`, and UsageError without an API key."""
        return Client(self.settings.url, self.settings.need_api_key())
