"""All commands: which function each is, and which of the common options it takes. The order is that of `--help`.

A function's signature says what else a command takes (parameters.py), its docstring what it does.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple, cast

from footfall_cli.errors import UsageError

_PRINTED = ("url", "key", "site", "as_json")
_TABLE = (*_PRINTED, "as_csv")
_NO_SITE = ("url", "key", "as_json")
_NO_SITE_TABLE = (*_NO_SITE, "as_csv")


class Command(NamedTuple):
    """A command: `module:function` of this package, and the parameters of Target that are its options, too."""

    place: str
    common: tuple[str, ...] = _PRINTED

    def function(self) -> Callable[..., int | None]:
        """The function, imported now. It takes a Target first and returns an exit code, None for 0."""
        module, _, name = self.place.partition(":")
        return cast(
            "Callable[..., int | None]", getattr(import_module(f"footfall_cli.{module}"), name)
        )


class Group(NamedTuple):
    """Commands about one thing."""

    help: str
    commands: "Commands"


Commands = dict[str, Command | Group]

COMMANDS: Commands = {
    "metrics": Command("reading:metrics", _TABLE),
    "timeseries": Command("reading:timeseries", _TABLE),
    "breakdown": Command("reading:breakdown", _TABLE),
    "realtime": Command("realtime:realtime", _TABLE),
    "daily": Command("reading:daily", _TABLE),
    "query": Command("reading:query", _TABLE),
    "values": Command("reading:values", _TABLE),
    "properties": Command("reading:properties", _TABLE),
    "pageview": Command("sending:pageview"),
    "track": Command("sending:track"),
    "identify": Command("sending:identify"),
    "import": Command("importing.command:import_files"),
    "demo": Command("demo:demo"),
    "sites": Group(
        "Sites: list, show, add, set, remove.",
        {
            "list": Command("administering:list_sites", _NO_SITE_TABLE),
            "show": Command("administering:show_site", _NO_SITE_TABLE),
            "add": Command("administering:add_site", _NO_SITE),
            "set": Command("administering:set_site", _NO_SITE),
            "remove": Command("administering:remove_site", _NO_SITE),
        },
    ),
    "keys": Group(
        "Keys of a site: list, add, revoke.",
        {
            "list": Command("administering:list_keys", _TABLE),
            "add": Command("administering:add_key"),
            "revoke": Command("administering:revoke_key"),
        },
    ),
    "rejects": Group(
        "Events that were not taken: list, replay.",
        {
            "list": Command("administering:list_rejects", _TABLE),
            "replay": Command("administering:replay_rejects"),
        },
    ),
    "export": Command("visitors:export"),
    "erase": Command("visitors:erase"),
    "rollup": Command("operating:rollup"),
    "doctor": Command("operating:doctor"),
    "health": Command("reading:health", _TABLE),
    "login": Command("login:login", ("as_json",)),
    "cost": Command("cost:cost", ("as_json", "as_csv")),
}


def run(command: Command, common: dict[str, Any], given: dict[str, Any]) -> int:
    """Run a command with what the command line gave; its exit code. Raises CliError."""
    from footfall_cli.parameters import arguments
    from footfall_cli.target import Target

    if common.get("as_csv") and "as_csv" not in command.common:
        raise UsageError("what this command prints is no table: --csv cannot be had")
    function = command.function()
    return function(Target(**common), **arguments(function, given)) or 0
