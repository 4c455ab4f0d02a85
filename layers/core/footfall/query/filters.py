"""The closed grammar of filters: operator, dimension, values; and, or, not. Values are bound, never pasted.

["is", "country", ["DE", "AT"]]      also is_not, contains, contains_not, matches, matches_not
["is", "props:plan", ["Pro"], {"case_sensitive": false}]
["not", f]   ["and", [f, …]]   ["or", [f, …]]      a list of filters is an and
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from footfall.errors import Unprocessable
from footfall.event import number_text
from footfall.query.catalog import Value, find_value
from footfall.store import Fragment

OPERATORS = ("is", "is_not", "contains", "contains_not", "matches", "matches_not")
COMBINATIONS = ("and", "or", "not")
DEPTH, NODES, CLAUSES = 10, 100, 1_000


@dataclass(frozen=True, slots=True)
class Filter:
    """What selects events: an SQL condition, what it binds, and the dimensions it looks at."""

    condition: Fragment = Fragment("1")
    parameters: dict[str, Any] = field(default_factory=dict)
    values: tuple[Value, ...] = ()


NOTHING = Filter(Fragment("0"))
"""Selects no event: the opposite of a filter that asks for nothing."""


@dataclass
class _Building:
    parameters: dict[str, Any] = field(default_factory=dict)
    values: list[Value] = field(default_factory=list)
    nodes: int = 0

    def bind(self, value: Any, kind: str) -> str:
        name = f"filter_{len(self.parameters)}"
        self.parameters[name] = value
        return f"{{{name}:{kind}}}"


def parse_filters(text: str) -> Filter:
    """The filter of a `filters` parameter (JSON); "" selects everything. Raises Unprocessable for anything else."""
    if not text:
        return Filter()
    try:
        parsed = json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        raise _invalid('`filters` must be JSON such as [["is","country",["DE"]]].') from None
    return build_filter(parsed)


def build_filter(parsed: Any) -> Filter:
    """The filter of parsed JSON: one filter or a list of filters that must all hold. Raises Unprocessable."""
    if not isinstance(parsed, list):
        raise _invalid("Filters must be a list.")
    building = _Building()
    tree = parsed if parsed and isinstance(parsed[0], str) else ["and", parsed]
    condition = _condition(tree, building, DEPTH)
    if not building.values:
        return Filter() if _holds(tree) else NOTHING
    # In parentheses: it stands beside other conditions, and an `or` binds less than their `and`.
    return Filter(Fragment(f"({condition})"), building.parameters, tuple(building.values))


def _condition(tree: Any, building: _Building, depth: int) -> str:
    building.nodes += 1
    if depth == 0 or building.nodes > NODES:
        raise _invalid(f"Filters may be nested {DEPTH} deep and {NODES} long.")
    if not isinstance(tree, list) or not tree or not isinstance(tree[0], str):
        raise _invalid('A filter is a list such as ["is","country",["DE"]].')
    operator = tree[0]
    if operator in COMBINATIONS:
        return _combined(operator, tree, building, depth)
    if operator not in OPERATORS:
        raise Unprocessable(
            "unknown_operator",
            "There is no such operator; see `allowed`.",
            field="filters",
            allowed=[*OPERATORS, *COMBINATIONS],
        )
    return _compared(operator, tree, building)


def _combined(operator: str, tree: list[Any], building: _Building, depth: int) -> str:
    if len(tree) != 2 or not isinstance(tree[1], list):
        raise _invalid(f'A combination is a list such as ["{operator}",[…]].')
    if operator == "not":
        return f"NOT ({_condition(tree[1], building, depth - 1)})"
    parts = [f"({_condition(part, building, depth - 1)})" for part in tree[1]]
    if not parts:
        if operator == "or":
            raise _invalid("An `or` of nothing selects nothing; leave it out.")
        return "1"
    return f" {operator.upper()} ".join(parts)


def _holds(tree: list[Any]) -> bool:
    """Whether a filter that compares nothing selects everything."""
    if tree[0] == "not":
        return not _holds(tree[1])
    return all(_holds(part) for part in tree[1]) if tree[0] == "and" else any(map(_holds, tree[1]))


def _compared(operator: str, tree: list[Any], building: _Building) -> str:
    if len(tree) not in (3, 4) or not isinstance(tree[1], str):
        raise _invalid(f'A comparison is a list such as ["{operator}","country",["DE"]].')
    value = find_value(tree[1], f"filter_key_{len(building.values)}", "filters")
    clauses = _clauses(tree[2])
    is_sensitive = _is_case_sensitive(tree[3]) if len(tree) == 4 else True
    building.values.append(value)
    building.parameters |= value.parameters
    is_negated = operator.endswith("_not")
    condition = _TESTS[operator.removesuffix("_not")](value.sql, clauses, is_sensitive, building)
    return f"NOT ({condition})" if is_negated else condition


def _is(column: str, clauses: list[str], is_sensitive: bool, building: _Building) -> str:
    bound = building.bind(clauses, "Array(String)")
    # IN, and not has(): a value is looked up once and not compared with each, which halves what a row costs.
    if is_sensitive:
        return f"{column} IN {bound}"
    return f"lowerUTF8({column}) IN arrayMap(clause -> lowerUTF8(clause), {bound})"


def _contains(column: str, clauses: list[str], is_sensitive: bool, building: _Building) -> str:
    fold = "{}" if is_sensitive else "lowerUTF8({})"
    if len(clauses) == 1:
        # Not in a lambda: so a column that holds each of its values once is searched once a value and not once a row.
        bound = building.bind(clauses[0], "String")
        return f"position({fold.format(column)}, {fold.format(bound)}) > 0"
    bound = building.bind(clauses, "Array(String)")
    found = f"position({fold.format(column)}, {fold.format('clause')}) > 0"
    return f"arrayExists(clause -> {found}, {bound})"


def _matches(column: str, clauses: list[str], is_sensitive: bool, building: _Building) -> str:
    patterns = [clause if is_sensitive else f"(?i){clause}" for clause in clauses]
    return " OR ".join(
        f"match({column}, {building.bind(pattern, 'String')})" for pattern in patterns
    )


_TESTS: dict[str, Callable[[str, list[str], bool, _Building], str]] = {
    "is": _is,
    "contains": _contains,
    "matches": _matches,
}


def _clauses(given: Any) -> list[str]:
    if not isinstance(given, list) or not given:
        raise _invalid("The values of a filter must be a list that is not empty.")
    if len(given) > CLAUSES:
        raise _invalid(f"A filter takes {CLAUSES:,} values.")
    return [_clause(value) for value in given]


def _clause(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value) if abs(value) != float("inf") else str(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    raise _invalid("The values of a filter must be texts or numbers.")


def _is_case_sensitive(options: Any) -> bool:
    is_known = isinstance(options, dict) and set(options) <= {"case_sensitive"}
    sensitive = options.get("case_sensitive", True) if is_known else None
    if not isinstance(sensitive, bool):
        raise _invalid('The options of a filter are an object such as {"case_sensitive": false}.')
    return sensitive


def _invalid(message: str) -> Unprocessable:
    return Unprocessable("invalid_filter", message, field="filters")
