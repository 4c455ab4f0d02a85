"""What a command takes, written once in its signature and read by both readers of a command line: quick.py and typer.

    def metrics(target: Target, names: Annotated[str | None, Option("--metrics", "Comma list.")] = None) -> None: ...

A parameter is annotated with `str`, `int`, `float`, `bool`, a `Literal` of texts or a list of texts, each perhaps None;
or with a subclass of Together, whose own parameters then stand in its place.
"""

from collections.abc import Callable
from types import NoneType
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin


class Option(NamedTuple):
    """What follows a name that begins with dashes. Of a `bool`, the name alone."""

    flag: str
    help: str = ""
    short: str = ""
    metavar: str = ""
    least: float | None = None
    most: float | None = None
    words: tuple[str, ...] = ()
    """What a shell may offer; anything else is taken as well."""


class Argument(NamedTuple):
    """What stands at a place."""

    metavar: str
    help: str = ""
    words: tuple[str, ...] = ()


class Parameter(NamedTuple):
    """One parameter of a function. `choices` is empty where any text will do."""

    name: str
    said: Option | Argument
    annotation: Any
    kind: type
    is_list: bool
    choices: tuple[str, ...]
    is_required: bool
    default: Any


class Together:
    """Parameters that several commands take: those of a subclass's `__init__`. A command gets an instance of it."""


def parameters(function: Callable[..., Any]) -> list[Parameter]:
    """The parameters of a function that a command line can name, in their order."""
    code, defaults = function.__code__, function.__defaults__ or ()
    names = code.co_varnames[: code.co_argcount]
    by_name = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
    said = function.__annotations__
    found: list[Parameter] = []
    for name in names:
        if get_origin(said.get(name)) is Annotated:
            found.append(_parameter(name, said[name], by_name))
        elif _is_together(said.get(name)):
            found += parameters(said[name].__init__)
    return found


def arguments(function: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """What a function is called with: the values of its parameters by name, those that belong together as one."""
    rest = dict(given)
    for name, annotation in function.__annotations__.items():
        if _is_together(annotation):
            own = [each.name for each in parameters(annotation.__init__)]
            rest[name] = annotation(**{each: rest.pop(each) for each in own})
    return rest


def _is_together(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Together)


def _parameter(name: str, annotation: Any, defaults: dict[str, Any]) -> Parameter:
    bare, said = get_args(annotation)
    inner = bare
    if NoneType in get_args(bare):
        (inner,) = (each for each in get_args(bare) if each is not NoneType)
    is_list = get_origin(inner) is list
    choices = get_args(inner) if get_origin(inner) is Literal else ()
    return Parameter(
        name,
        said,
        bare,
        str if is_list or choices else inner,
        is_list,
        choices,
        name not in defaults,
        defaults.get(name),
    )
