"""What the ClickHouse front lets through: statements about the store's own tables, and nothing that reaches outside.

The embedded engine runs with the rights of its owner: its table functions read files and addresses, some of its
engines write them, one of its databases takes any file for a table. So every statement is taken apart by the engine's
own parser before it runs, and its tree is looked through here. What the parser cannot show as a tree that stands for
the whole statement does not run. It also means that the engine must offer `parseQueryToJSON`.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

ACCESS_DENIED = (497, "ACCESS_DENIED")
READONLY = (164, "READONLY")
NOT_IMPLEMENTED = (48, "NOT_IMPLEMENTED")
SYNTAX_ERROR = (62, "SYNTAX_ERROR")
UNKNOWN_FORMAT = (73, "UNKNOWN_FORMAT")
UNKNOWN_SETTING = (115, "UNKNOWN_SETTING")

Tree = Mapping[str, Any]
Ask = Callable[[str, Mapping[str, str]], str]
"""Asks the engine a question of ours, with parameters; what it answers, as text. Raises EngineError."""

_READ = frozenset(
    {
        "SelectWithUnionQuery",
        "ExplainQuery",
        "ShowTablesQuery",
        "ShowColumnsQuery",
        "ShowIndexesQuery",
    }
)
_WRITE = frozenset(
    {
        "InsertQuery",
        "CreateQuery",
        "AlterQuery",
        "DropQuery",
        "RenameQuery",
        "OptimizeQuery",
        "DeleteQuery",
        "UpdateQuery",
    }
)
_TABLE_FUNCTIONS = frozenset(
    {
        "generaterandom",
        "generateseries",
        "generate_series",
        "null",
        "numbers",
        "numbers_mt",
        "sqlstandardvalues",
        "values",
        "view",
        "viewexplain",
        "zeros",
        "zeros_mt",
    }
)
"""Table functions that read nothing but their arguments."""
_FUNCTIONS = frozenset({"file", "hascolumnintable", "reversednsquery"})
"""Ordinary functions that reach outside; those of an AI service begin with `ai`."""
_AI_FUNCTION = re.compile(
    r"ai(classify|embed|extract|filter|generate|redact|similarity|translate)\w*"
)
_ENGINE = re.compile(
    r"(Replacing|Summing|Aggregating|Collapsing|VersionedCollapsing|Coalescing)?MergeTree"
    r"|Memory|Log|TinyLog|StripeLog|Null|Set|Join"
)
_DATABASE_ENGINE = re.compile("Atomic")
_OUTSIDE_PARTITIONS = ("FETCH", "EXPORT", "FREEZE", "UNFREEZE")
_TEXT_SETTING = re.compile(
    r"output_format_(?!schema)\w+|format_(csv|tsv|custom|json)_\w+|bool_(true|false)_representation"
    r"|log_comment|insert_deduplication_token|count_distinct_implementation|query_cache_tag"
    r"|default_compression_codec|marks_compression_codec|primary_key_compression_codec"
)
"""Settings whose value is text and only text: of the others some name files, some hold expressions."""
_TEXT_TYPES = frozenset({"String", "Map", "URI", "Dialect"})
_KEPT_SETTINGS = re.compile(
    r"readonly|allow_ddl|\w*dialect\w*|\w*introspection\w*|implicit_\w+|http_allow_\w+|\w*secrets\w*"
    r"|allow_settings_after_format_in_insert|input_format_values_\w+|input_format_record_errors_\w+"
)
"""Settings that the front itself relies on."""
_DESCRIBE = re.compile(rb"\s*(?:DESCRIBE|DESC)\b(?:\s+TABLE\b)?", re.IGNORECASE)
_UNTREED = re.compile(rb"\s*(?:EXISTS|SHOW)\b", re.IGNORECASE)
_UNTREED_TOKENS = frozenset(
    {"BareWord", "QuotedIdentifier", "StringLiteral", "Dot", "Whitespace", "Comment", "Semicolon"}
)
_NO_TREE = "does not support JSON serialization"
_LEXER = re.compile(
    rb"""(?P<space>[\s\x80-\xff]+|--[^\n]*|\#[ !][^\n]*|//[^\n]*|/\*.*?\*/)
    |(?P<quoted>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`\\]|\\.|``)*`)
    |(?P<word>[A-Za-z0-9_$]+)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)


class EngineError(Exception):
    """An error in ClickHouse's terms: a number, a name in capitals, and a sentence."""

    def __init__(self, code: tuple[int, str], message: str) -> None:
        super().__init__(message)
        self.code, self.name = code


@dataclass(frozen=True, slots=True)
class Engine:
    """What this build of the engine has, by which statements are judged.

    Names of functions and formats are lower case.
    """

    table_functions: frozenset[str]
    functions: frozenset[str]
    settings: Mapping[str, str]
    """Name to type, those of tables included."""
    formats: frozenset[str]
    closed_databases: frozenset[str]
    """Databases that are more than a set of tables."""

    @classmethod
    def described_by(cls, ask: Ask) -> "Engine":
        """What the engine says of itself. Raises EngineError, also when it has no `parseQueryToJSON`."""
        ask("SELECT formatQueryFromJSON(parseQueryToJSON('SELECT 1'))", {})

        def names(sql: str) -> frozenset[str]:
            return frozenset(ask(sql, {}).split("\n")) - {""}

        settings = names(
            "SELECT name, type FROM system.settings"
            " UNION ALL SELECT name, type FROM system.merge_tree_settings"
        )
        return cls(
            table_functions=names("SELECT DISTINCT lower(name) FROM system.table_functions"),
            functions=names("SELECT DISTINCT lower(name) FROM system.functions"),
            settings=dict(line.split("\t") for line in settings),
            formats=names("SELECT DISTINCT lower(name) FROM system.formats"),
            closed_databases=names(
                "SELECT name FROM system.databases WHERE engine NOT IN ('Atomic', 'Memory')"
            ),
        )

    def checked_format(self, name: str) -> str:
        """A format's name, if it is one of bytes (the embedded engine has others). Raises EngineError."""
        if name.lower() not in self.formats:
            raise EngineError(UNKNOWN_FORMAT, f"Unknown format {name}")
        return name

    def checked_setting(self, name: str) -> str:
        """A setting's name, if it may be set. Raises EngineError."""
        kind = self.settings.get(name)
        if kind is None:
            raise EngineError(UNKNOWN_SETTING, f"Setting {name} is neither known nor allowed here.")
        is_text = kind in _TEXT_TYPES and not _TEXT_SETTING.fullmatch(name)
        if is_text or _KEPT_SETTINGS.fullmatch(name):
            raise EngineError(ACCESS_DENIED, f"Setting {name} cannot be changed here.")
        return name


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT that carries its rows: the statement without them, their format, and where they begin."""

    statement: bytes
    format: str
    rows_at: int


@dataclass(frozen=True, slots=True)
class Statement:
    """What a statement that may run does."""

    writes: bool
    answers: bool
    """Whether it has a result."""
    format: str = ""
    """The format it asks for, or ''."""
    identifiers: frozenset[str] = field(default_factory=frozenset)
    """Parameters that stand for names."""


def insert_with_rows(sql: bytes) -> Insert | None:
    """Cut an INSERT before its rows; None for anything else.

    The cut need not be trusted: what runs is the statement before it, after `checked_insert` has seen it.
    """
    depth = 0
    previous = b""
    for match in _LEXER.finditer(sql):
        if match["space"] is not None:
            continue
        word = (match["word"] or match["sign"] or b"").upper()
        if not previous and word != b"INSERT":
            return None
        depth += (word == b"(") - (word == b")")
        if depth == 0 and previous not in (b"INTO", b"TABLE", b"."):
            if word in (b"SELECT", b"WITH", b"FROM", b"WATCH", b"EXPLAIN"):
                return None
            if word == b"VALUES":
                return Insert(sql[: match.start()], "Values", match.end())
            if word == b"FORMAT":
                return _insert_with_format(sql, match)
        previous = word or b"quoted"
    return None


def _insert_with_format(sql: bytes, keyword: re.Match[bytes]) -> Insert | None:
    name = re.compile(rb"\s*([A-Za-z0-9_]+)[ \t\f]*\r?\n?").match(sql, keyword.end())
    if name is None:
        return None
    return Insert(sql[: keyword.start()], name[1].decode(), name.end())


def checked(sql: bytes, engine: Engine, ask: Ask) -> Statement:
    """What a statement does, if it may run. Raises EngineError with ClickHouse's code for what is wrong."""
    if b"\0" in sql:
        raise EngineError(SYNTAX_ERROR, "Syntax error: a statement holds no zero bytes.")
    start = next((m.start() for m in _LEXER.finditer(sql) if m["space"] is None), len(sql))
    described = _DESCRIBE.match(sql, start)
    if described:
        tree = _tree(b"SELECT * FROM " + sql[described.end() :], ask)
        statement = _judged(tree, engine)
        return Statement(False, True, statement.format, statement.identifiers)
    try:
        return _judged(_tree(sql, ask), engine)
    except EngineError as error:
        if _NO_TREE in str(error) and _UNTREED.match(sql, start):
            return _untreed(sql, engine, ask)
        raise


def checked_insert(insert: Insert, engine: Engine, ask: Ask) -> Statement:
    """What an INSERT with rows does, if it may run. Raises EngineError."""
    statement = checked(insert.statement + b" FORMAT " + insert.format.encode(), engine, ask)
    if not statement.writes or statement.format != insert.format:
        raise EngineError(ACCESS_DENIED, "The statement cannot be checked: its rows are not found.")
    return statement


def checked_parameters(
    parameters: Mapping[str, str], statement: Statement, engine: Engine
) -> Mapping[str, str]:
    """Parameters, if those that stand for names name nothing outside. Raises EngineError."""
    for name in statement.identifiers:
        value = parameters.get(name, "")
        if value in engine.closed_databases or _reaches_out(value.lower(), engine, False):
            raise EngineError(ACCESS_DENIED, f"`{value}` cannot be used here.")
    return parameters


def _tree(sql: bytes, ask: Ask) -> Tree:
    """The statement as the engine's parser sees it, provided that nothing of it is missing in the tree."""
    try:
        answer = ask(
            "WITH unhex({sql:String}) AS statement, parseQueryToJSON(statement) AS tree"
            # Parentheses that change nothing are in the text only.
            " SELECT replaceRegexpAll(formatQueryFromJSON(tree), '[() ]', '')"
            " = replaceRegexpAll(formatQuerySingleLine(statement), '[() ]', ''), tree",
            {"sql": sql.hex()},
        )
    except EngineError as error:
        told = str(error).partition(": In scope ")[0]
        if error.code == SYNTAX_ERROR[0]:
            raise EngineError(SYNTAX_ERROR, told) from None
        raise EngineError(ACCESS_DENIED, f"The statement cannot be checked: {told}") from None
    is_whole, _, text = answer.partition("\t")
    if is_whole != "1":
        raise EngineError(ACCESS_DENIED, "The statement cannot be checked: it is not shown whole.")
    try:
        tree: Tree = json.loads(text)
    except RecursionError:
        raise EngineError((167, "TOO_DEEP_AST"), "The statement is too deep.") from None
    return tree


def _judged(tree: Tree, engine: Engine) -> Statement:
    kind = tree["type"]
    if kind not in _READ | _WRITE:
        raise EngineError(ACCESS_DENIED, f"A statement of the kind {kind} does not run here.")
    identifiers: set[str] = set()
    for key, node in _nodes(tree):
        reason = _outside_of_any_node(node, engine)
        check = _CHECKS.get(node.get("type", ""))
        if reason is None and check is not None:
            reason = check(key, node, engine)
        if reason is not None:
            raise EngineError(ACCESS_DENIED, reason)
        if node.get("type") == "QueryParameter" and node.get("param_type") == "Identifier":
            identifiers.add(node["name"])
    asked = tree.get("format") or (tree.get("format_ast") or {}).get("name", "")
    return Statement(kind in _WRITE, kind in _READ, asked, frozenset(identifiers))


def _outside_of_any_node(node: Tree, engine: Engine) -> str | None:
    if "out_file" in node or "infile" in node:
        return "Files cannot be read or written here."
    for name, value in node.items():
        if "database" in name and isinstance(value, str) and value in engine.closed_databases:
            return f"The database `{value}` is closed."
    return None


def _identifier(key: str, node: Tree, engine: Engine) -> str | None:
    parts = node.get("name_parts") or [node.get("name", "")]
    if (len(parts) > 1 or "database" in key) and parts[0] in engine.closed_databases:
        return f"The database `{parts[0]}` is closed."
    # A function can be handed to another one by its bare name.
    if len(parts) == 1 and _is_outside_function(parts[0].lower()):
        return f"`{parts[0]}` cannot be used here."
    return None


def _function(key: str, node: Tree, engine: Engine) -> str | None:
    name = str(node.get("name") or node.get("func_name") or "")
    if _reaches_out(name.lower(), engine, "table_function" in key):
        return f"Function {name} cannot be used here."
    return None


def _settings(key: str, node: Tree, engine: Engine) -> str | None:
    if key == "settings_of_explain":
        return None
    names = [change["name"] for change in node.get("changes", ())]
    for name in (*names, *node.get("default_settings", ())):
        engine.checked_setting(name)
    return None


def _storage(_key: str, node: Tree, _engine: Engine) -> str | None:
    used = node.get("engine")
    if not used:
        return None
    allowed = _DATABASE_ENGINE if used.get("kind") == "DATABASE_ENGINE" else _ENGINE
    return (
        None if allowed.fullmatch(used["name"]) else f"Engine {used['name']} cannot be used here."
    )


def _create(_key: str, node: Tree, _engine: Engine) -> str | None:
    if node.get("attach") or node.get("has_attach_from_path") or node.get("is_dictionary"):
        return "Only tables, views and databases are made here."
    if node.get("is_temporary"):
        return "There are no sessions here, so no temporary tables."
    return None


def _drop(_key: str, node: Tree, _engine: Engine) -> str | None:
    return "Tables are not detached here." if node.get("kind") == "Detach" else None


def _alter(_key: str, node: Tree, _engine: Engine) -> str | None:
    return None if node.get("alter_object") == "TABLE" else "Only tables are altered here."


def _alter_command(_key: str, node: Tree, _engine: Engine) -> str | None:
    if node["command_type"].startswith(_OUTSIDE_PARTITIONS):
        return "Partitions do not leave the store here."
    return None


_CHECKS: Mapping[str, Callable[[str, Tree, Engine], str | None]] = {
    "Identifier": _identifier,
    "TableIdentifier": _identifier,
    "Function": _function,
    "ColumnsApplyTransformer": _function,
    "SetQuery": _settings,
    "Storage": _storage,
    "CreateQuery": _create,
    "DropQuery": _drop,
    "AlterQuery": _alter,
    "AlterCommand": _alter_command,
}
"""What is looked at in which kind of node: a check tells why it must not run, or None."""


def _reaches_out(name: str, engine: Engine, is_table_function: bool) -> bool:
    if _is_outside_function(name):
        return True
    if name in _TABLE_FUNCTIONS:
        return False
    if is_table_function:
        return True
    return name in engine.table_functions and name not in engine.functions


def _is_outside_function(name: str) -> bool:
    return name in _FUNCTIONS or _AI_FUNCTION.fullmatch(name) is not None


def _nodes(tree: Tree) -> Iterator[tuple[str, Tree]]:
    """Every node of a tree, with the key under which it is found."""
    waiting: list[tuple[str, Any]] = [("", tree)]
    while waiting:
        key, node = waiting.pop()
        if isinstance(node, list):
            waiting.extend((key, item) for item in node)
        elif isinstance(node, dict):
            yield key, node
            is_explain = node.get("type") == "ExplainQuery"
            waiting.extend(
                (f"{name}_of_explain" if is_explain and name == "settings" else name, child)
                for name, child in node.items()
            )


def _untreed(sql: bytes, engine: Engine, ask: Ask) -> Statement:
    """A statement that the parser takes and shows no tree of: it may hold names and nothing else."""
    answer = ask(
        "SELECT arrayJoin(tokenizeQuery(unhex({sql:String}))) AS token, token.1, token.2, token.3"
        " FORMAT JSONCompactColumns",
        {"sql": sql.hex()},
    )
    _, starts, ends, kinds = json.loads(answer)
    tokens = [
        (kind, sql[int(start) : int(end)].decode("utf-8", "replace"))
        for start, end, kind in zip(starts, ends, kinds, strict=True)
        if kind not in ("Whitespace", "Comment")
    ]
    for (kind, text), (following, _) in zip(tokens, [*tokens[1:], ("", "")], strict=True):
        bare = text.strip('`"')
        if (
            kind not in _UNTREED_TOKENS
            or text.upper() in ("OUTFILE", "SETTINGS")
            or (following == "Dot" and bare in engine.closed_databases)
        ):
            raise EngineError(ACCESS_DENIED, f"`{text}` cannot be used in this statement.")
    words = [text.upper() for _, text in tokens]
    format_at = words.index("FORMAT") + 1 if "FORMAT" in words[:-1] else 0
    return Statement(False, True, tokens[format_at][1] if format_at else "")
