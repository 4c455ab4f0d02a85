"""The commands as typer shows them: help, completion, and what to say of a command line that makes no sense.

A command is made of its function when it is asked for by name, so that its module alone is imported.
"""

import inspect
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from functools import partial
from typing import Annotated, Any

import typer
import typer.core
import typer.main

from footfall_cli import __version__
from footfall_cli.commands import COMMANDS, Command, Commands, Group
from footfall_cli.parameters import Argument, Option, Parameter, parameters
from footfall_cli.target import Target

HELP = "Web analytics on the command line: put logs in, send events, read numbers."
EPILOG = (
    "Exit codes: 0 done, 1 refused or different, 2 wrong usage or key, 3 cannot reach the server."
)
_CONTEXT = {"help_option_names": ["-h", "--help"]}

Runner = Callable[[Command, dict[str, Any], dict[str, Any]], int]


def main(arguments: Sequence[str] | None, runner: Runner) -> int:
    """Read a command line and run what it asks for by `runner`; the exit code. Raises CliError."""
    try:
        _root(runner).main(arguments, prog_name="footfall")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0


def _root(runner: Runner) -> typer.core.TyperGroup:
    def say_version(asked: bool) -> None:
        if asked:
            print(f"footfall {__version__}")
            raise typer.Exit

    def before(context: typer.Context, **given: Any) -> None:
        given.pop("version", None)
        context.obj = given

    shared = parameters(Target.__init__)
    version = inspect.Parameter(
        "version",
        inspect.Parameter.KEYWORD_ONLY,
        default=False,
        annotation=Annotated[
            bool,
            typer.Option(
                "--version", help="Print the version.", is_eager=True, callback=say_version
            ),
        ],
    )
    _sign(before, [*map(_typed, shared), version])
    return _group(COMMANDS, runner, HELP, epilog=EPILOG, callback=before, add_completion=True)


def _group(commands: Commands, runner: Runner, about: str, **more: Any) -> typer.core.TyperGroup:
    more.setdefault("callback", lambda: None)
    more.setdefault("add_completion", False)
    made = typer.Typer(
        cls=type("Lazy", (_LazyGroup,), {"source": _Lazy(commands, runner)}),
        help=about,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=_CONTEXT,
        **more,
    )
    group = typer.main.get_command(made)
    assert isinstance(group, typer.core.TyperGroup)  # noqa: S101 - what a Typer with a callback becomes
    return group


class _LazyGroup(typer.core.TyperGroup):
    """A group whose commands are made when they are asked for."""

    source: "_Lazy"

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = self.source

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.source)


class _Lazy(MutableMapping[str, Any]):
    """Typer's commands by name, made on access."""

    def __init__(self, commands: Commands, runner: Runner) -> None:
        self._commands = commands
        self._make = partial(_made, runner)

    def __getitem__(self, name: str) -> Any:
        return self._make(name, self._commands[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._commands)

    def __len__(self) -> int:
        return len(self._commands)

    def __setitem__(self, name: str, command: Any) -> None:
        raise TypeError("commands stand in COMMANDS")

    def __delitem__(self, name: str) -> None:
        raise TypeError("commands stand in COMMANDS")


def _made(runner: Runner, name: str, entry: Command | Group) -> Any:
    if isinstance(entry, Group):
        group = _group(entry.commands, runner, entry.help)
        group.name = name
        return group
    function = entry.function()
    shared = [each for each in parameters(Target.__init__) if each.name in entry.common]

    def called(context: typer.Context, **given: Any) -> None:
        before: dict[str, Any] = context.find_root().obj
        common = {key: given.pop(key) if key in entry.common else None for key in before}
        common = {key: value or before[key] for key, value in common.items()}
        code = runner(entry, {key: value for key, value in common.items() if value}, given)
        if code:
            raise typer.Exit(code)

    called.__doc__ = function.__doc__
    _sign(called, [_typed(each) for each in [*parameters(function), *shared]])
    app = typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=_CONTEXT,
    )
    app.command(name)(called)
    return typer.main.get_command(app)


def _sign(function: Callable[..., Any], typed: list[inspect.Parameter]) -> None:
    """Give a function the signature that typer reads."""
    context = inspect.Parameter(
        "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
    )
    function.__signature__ = inspect.Signature([context, *typed])  # type: ignore[attr-defined]
    function.__annotations__ = {each.name: each.annotation for each in [context, *typed]}


def _typed(parameter: Parameter) -> inspect.Parameter:
    said = parameter.said
    more: dict[str, Any] = {"help": said.help, "metavar": said.metavar or None}
    if isinstance(said, Option) and not (said.metavar or parameter.choices):
        more["metavar"] = None if parameter.kind is bool else said.flag.strip("-").upper()
    if not isinstance(parameter.default, int | float) or parameter.kind is bool:
        more["show_default"] = False
    if said.words:
        more["autocompletion"] = _offering(said.words)
    if isinstance(said, Argument):
        info: Any = typer.Argument(**more)
    else:
        info = typer.Option(
            said.flag, *filter(None, [said.short]), min=said.least, max=said.most, **more
        )
    return inspect.Parameter(
        parameter.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if parameter.is_required else parameter.default,
        annotation=Annotated[parameter.annotation, info],
    )


def _offering(words: tuple[str, ...]) -> Callable[[str], list[str]]:
    def offered(incomplete: str) -> list[str]:
        return [word for word in words if word.startswith(incomplete)]

    return offered
