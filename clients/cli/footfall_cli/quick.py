"""Reads a command line that is plainly well-formed, without typer, whose import takes longer than most commands do.

Whatever is not plain (help, mistakes, unknown options, completion) is None, and left to typer. Where this reads
something, typer reads the same: tests/cli/test_readers.py compares them.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from footfall_cli.commands import COMMANDS, Command, Group
from footfall_cli.parameters import Argument, Option, Parameter, parameters
from footfall_cli.target import Target


class Read(NamedTuple):
    """A command, the values of its common options, and those of its own parameters."""

    command: Command
    common: dict[str, Any]
    given: dict[str, Any]


class _NotPlain(Exception):
    """For typer to decide."""


def read(arguments: Sequence[str]) -> Read | None:
    """What a command line asks for; None where that takes a closer look."""
    rest = iter(arguments)
    try:
        return _read(rest)
    except _NotPlain:
        return None


def _read(rest: Iterator[str]) -> Read:
    shared = parameters(Target.__init__)
    before = _Values(shared)
    command: Command | Group = Group("", COMMANDS)
    while isinstance(command, Group):
        word = next(rest, "")
        if word.startswith("-"):
            # Options of all commands stand before the first word only.
            if command.help:
                raise _NotPlain
            before.take_option(word, rest)
        elif (found := command.commands.get(word)) is None:
            raise _NotPlain
        else:
            command = found
    own = parameters(command.function())
    after = _Values([*own, *(each for each in shared if each.name in command.common)])
    for word in rest:
        if word.startswith("-") and word != "-":
            after.take_option(word, rest)
        else:
            after.take_argument(word)
    after.check()
    common = {each.name: after.said.get(each.name) or before.said.get(each.name) for each in shared}
    return Read(
        command,
        {name: value for name, value in common.items() if value},
        {each.name: after.said.get(each.name, each.default) for each in own},
    )


class _Values:
    """What was said of some parameters so far."""

    def __init__(self, known: list[Parameter]) -> None:
        self.said: dict[str, Any] = {}
        self._options = {
            flag: each
            for each in known
            if isinstance(each.said, Option)
            for flag in (each.said.flag, each.said.short)
            if flag
        }
        self._arguments = [each for each in known if isinstance(each.said, Argument)]
        self._places = iter(self._arguments)
        self._place: Parameter | None = None

    def take_option(self, word: str, rest: Iterator[str]) -> None:
        """An option, and from `rest` its value if it takes one and has none behind an `=`."""
        flag, sign, value = word.partition("=")
        option = self._options.get(flag)
        if option is None or (sign and not flag.startswith("--")):
            raise _NotPlain
        if option.kind is bool:
            if sign:
                raise _NotPlain
            self.said[option.name] = True
            return
        if not sign:
            following = next(rest, None)
            if following is None:
                raise _NotPlain
            value = following
        self._keep(option, value)

    def take_argument(self, word: str) -> None:
        """The next of the arguments; a list takes all that are left."""
        if self._place is None or not self._place.is_list:
            self._place = next(self._places, None)
        if self._place is None:
            raise _NotPlain
        self._keep(self._place, word)

    def check(self) -> None:
        """That nothing is missing."""
        for each in [*self._options.values(), *self._arguments]:
            if each.is_required and each.name not in self.said:
                raise _NotPlain

    def _keep(self, parameter: Parameter, text: str) -> None:
        value = _value(parameter, text)
        if parameter.is_list:
            self.said.setdefault(parameter.name, []).append(value)
        else:
            self.said[parameter.name] = value


def _value(parameter: Parameter, text: str) -> Any:
    if parameter.choices and text not in parameter.choices:
        raise _NotPlain
    if parameter.kind is str:
        return text
    whole, _, part = text.partition(".")
    if not (text.isascii() and whole.isdigit() and (not part or part.isdigit())):
        raise _NotPlain
    if parameter.kind is int and "." in text:
        raise _NotPlain
    number = parameter.kind(text)
    if isinstance(parameter.said, Option):
        least, most = parameter.said.least, parameter.said.most
        if (least is not None and number < least) or (most is not None and number > most):
            raise _NotPlain
    return number
