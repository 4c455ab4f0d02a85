"""The document as one page of HTML, which GET /docs answers: nothing on it is loaded from anywhere.

It is whole without its script, which filters the list of routes and copies samples. Style and script stand in the page;
its Content-Security-Policy names their hashes and allows nothing else.
"""

import base64
import hashlib
import json
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode

from footfall.openapi.document import document
from footfall.openapi.schema import Schema

_LINE = 64
"""How long a line of JSON may be that is not broken."""
_WIDE = 4
"""How deep fields are shown within fields."""


@cache
def page() -> str:
    """The whole page."""
    groups = _groups()
    schemas = document()["components"]["schemas"]
    info = document()["info"]
    routes = "".join(
        f'<section id="{_anchor(tag)}"><h2>{escape(tag)}</h2>{"".join(map(_operation, group))}</section>'
        for tag, group in groups.items()
    )
    named = "".join(_named(name, schema) for name, schema in schemas.items())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex"><link rel="icon" href="data:,">'
        f"<title>Footfall: the HTTP API</title><style>{_part('page.css')}</style></head><body>"
        '<a class="skip" href="#content">Skip to the routes</a><div class="page">'
        f'{_menu(groups)}<main id="content"><h1>The HTTP API of Footfall</h1>'
        f'<p class="lead">{_prose(info["description"])} Version {escape(info["version"])}, as '
        '<a href="openapi.json">OpenAPI 3.1</a>.</p>'
        "<p>The samples take the address and the key from the environment: <code>FOOTFALL_URL</code>, "
        "<code>FOOTFALL_API_KEY</code> (reads and administers) and <code>FOOTFALL_WRITE_KEY</code> (sends).</p>"
        f'{routes}<section class="schemas" id="schemas"><h2>Schemas</h2>{named}</section>'
        f"</main></div><script>{_part('page.js')}</script></body></html>"
    )


@cache
def policy() -> str:
    """The page's Content-Security-Policy: its own style and script, and nothing else."""
    style, script = (_digest(_part(name)) for name in ("page.css", "page.js"))
    return (
        f"default-src 'none'; style-src '{style}'; script-src '{script}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _part(name: str) -> str:
    return (files("footfall.openapi") / name).read_text("utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _groups() -> dict[str, list[Schema]]:
    """The operations by tag, each with its method and path."""
    groups: dict[str, list[Schema]] = {}
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            (tag,) = operation["tags"]
            groups.setdefault(tag, []).append(operation | {"method": method, "path": path})
    return groups


def _anchor(text: str) -> str:
    return text.lower().replace(" ", "-")


def _menu(groups: dict[str, list[Schema]]) -> str:
    sections = "".join(
        f"<section><h3>{escape(tag)}</h3><ul>{''.join(map(_entry, group))}</ul></section>"
        for tag, group in groups.items()
    )
    return (
        '<nav aria-label="Routes"><a class="name" href="#content">Footfall</a> '
        f'<span class="version">API {escape(document()["info"]["version"])}</span>'
        "<details open><summary>Routes</summary></details><div>"
        '<input type="search" placeholder="Filter routes" aria-label="Filter routes" hidden>'
        f'{sections}<section><h3>More</h3><ul><li data-words="schemas"><a href="#schemas">'
        "<b></b><span>Schemas</span></a></li></ul></section></div></nav>"
    )


def _entry(operation: Schema) -> str:
    method, path = operation["method"], operation["path"]
    words = escape(f"{method} {path} {operation['summary']}".lower())
    return (
        f'<li data-words="{words}"><a href="#{operation["operationId"]}" title="{escape(operation["summary"])}">'
        f'<b class="{method}">{method.upper()}</b><span>{escape(path)}</span></a></li>'
    )


def _operation(operation: Schema) -> str:
    method, path = operation["method"], operation["path"]
    about = f"<p>{_prose(operation['description'])}</p>" if "description" in operation else ""
    said = "".join(
        (
            about,
            f'<p class="lead">{_access(operation["security"])}</p>',
            _parameters(operation),
            _body(operation),
            _answers(operation),
        )
    )
    return (
        f'<article id="{operation["operationId"]}"><h3>{escape(operation["summary"])}</h3>'
        f'<p class="route"><span class="method {method}">{method}</span><code>{escape(path)}</code></p>'
        f'<div class="columns"><div>{said}</div><div>{_samples(operation)}</div></div></article>'
    )


def _access(security: list[dict[str, Any]]) -> str:
    if not security:
        return "No key."
    if {} in security:
        return "A write key, or none where the page's host tells the site."
    (scopes,) = security[0].values()
    return f"An API key with the scope <code>{scopes[0]}</code>."


def _parameters(operation: Schema) -> str:
    given = [_resolved(each) for each in operation.get("parameters", ())]
    made = []
    for place, title in (("path", "In the path"), ("query", "In the query")):
        fields = [
            _field(
                each["name"],
                each.get("schema") or each["content"]["application/json"]["schema"],
                is_needed=bool(each.get("required")),
                about=each.get("description", ""),
            )
            for each in given
            if each["in"] == place
        ]
        if fields:
            made.append(f'<h4>{title}</h4><dl class="fields">{"".join(fields)}</dl>')
    return "".join(made)


def _body(operation: Schema) -> str:
    if "requestBody" not in operation:
        return ""
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return f"<h4>Body</h4>{_opened(schema)}"


def _answers(operation: Schema) -> str:
    """What a 200 holds, and below it, folded, the other answers."""
    rows = {
        status: f"<li><code>{status}</code><span>{_content(_resolved(response))}</span></li>"
        for status, response in sorted(operation["responses"].items())
    }
    done, errors = rows.pop("200"), "".join(rows.values())
    content = operation["responses"]["200"]["content"]
    fields = _folded(content["application/json"]["schema"]) if "application/json" in content else ""
    made = f'<h4>Answers</h4><ul class="answers">{done}</ul>{fields}'
    if errors:
        statuses = " ".join(sorted(rows))
        made += f'<details><summary>Failures: {statuses}</summary><ul class="answers">{errors}</ul></details>'
    return made


def _content(response: Schema) -> str:
    kinds = [
        _kind(each["schema"]) if kind == "application/json" else escape(kind)
        for kind, each in response.get("content", {}).items()
    ]
    about = response["description"]
    return " or ".join(kinds) + ("" if about == "Done." else f" {_prose(about)}")


def _opened(schema: Schema) -> str:
    """A schema with its fields, also where it is one of the named ones."""
    found = _resolved(schema)
    if found is schema or not found.get("properties"):
        return _form(found)
    return f"<p><code>{_kind(schema)}</code></p>{_form(found)}"


def _folded(schema: Schema) -> str:
    """The fields of an answer, for whoever wants to see them."""
    found = _resolved(schema)
    if not found.get("properties"):
        return ""
    return f"<details><summary>Fields</summary>{_form(found)}</details>"


def _samples(operation: Schema) -> str:
    made = f"<h4>Request</h4>{_sample(_curl(operation))}"
    answer = operation["responses"]["200"]["content"].get("application/json", {})
    if "example" in answer:
        made += f"<h4>Answer</h4>{_sample(_pretty(answer['example']))}"
    return made


def _sample(text: str) -> str:
    return f'<div class="sample"><pre tabindex="0">{escape(text, quote=False)}</pre></div>'


def _curl(operation: Schema) -> str:
    """A command that sends the operation's example."""
    path, query = operation["path"], {}
    for each in map(_resolved, operation.get("parameters", ())):
        if "example" in each and each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", quote(each["example"], safe=""))
        elif "example" in each:
            value = each["example"]
            query[each["name"]] = ",".join(value) if isinstance(value, list) else value
    address = f"$FOOTFALL_URL{path}" + (f"?{urlencode(query, safe=',:')}" if query else "")
    method = operation["method"].upper()
    is_told = method == ("POST" if "requestBody" in operation else "GET")
    lines = [f'curl "{address}"' if is_told else f'curl -X {method} "{address}"']
    if security := operation["security"]:
        key = "FOOTFALL_WRITE_KEY" if {} in security else "FOOTFALL_API_KEY"
        lines.append(f'  -H "Authorization: Bearer ${key}"')
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if "example" in content:
        body = _pretty(content["example"])
        lines.append(f"  -d '{body.replace(chr(39), chr(39) + chr(92) + chr(39) * 2)}'")
    return " \\\n".join(lines)


def _pretty(value: Any, margin: str = "") -> str:
    """JSON for people: what is short stays on one line."""
    line = json.dumps(value, ensure_ascii=False)
    if len(margin) + len(line) <= _LINE or not isinstance(value, dict | list):
        return line
    inner = margin + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(name)}: {_pretty(each, inner)}" for name, each in value.items()]
    else:
        parts = [_pretty(each, inner) for each in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n" + ",\n".join(inner + part for part in parts) + f"\n{margin}{closing}"


def _named(name: str, schema: Schema) -> str:
    about = f"<p>{_prose(schema['description'])}</p>" if "description" in schema else ""
    return (
        f'<article id="schema-{name}"><h3><code>{name}</code></h3>{about}{_form(schema)}</article>'
    )


def _form(schema: Schema, depth: int = 0) -> str:
    """The fields of an object, or what else a schema is."""
    if not schema.get("properties"):
        return f"<p><code>{_kind(schema)}</code></p>"
    needed = schema.get("required", ())
    # What is required comes first; of these and of the others each in its order.
    names = sorted(schema["properties"], key=lambda name: name not in needed)
    fields = (
        _field(
            name,
            schema["properties"][name],
            is_needed=name in needed,
            about=schema["properties"][name].get("description", ""),
            depth=depth,
        )
        for name in names
    )
    return f'<dl class="fields">{"".join(fields)}</dl>'


def _field(name: str, schema: Schema, *, is_needed: bool, about: str, depth: int = 0) -> str:
    mark = '<span class="needed">required</span>' if is_needed else ""
    told = f"<dd>{_prose(about)}</dd>" if about else ""
    inner = schema.get("items", schema) if schema.get("type") == "array" else schema
    within = ""
    if inner.get("properties") and depth < _WIDE:
        within = f"<dd>{_form(inner, depth + 1)}</dd>"
    return f'<div><dt>{escape(name)}</dt><dd class="kind">{_kind(schema)}{mark}</dd>{told}{within}</div>'


def _kind(schema: Schema) -> str:
    """What a schema allows, in a few words of HTML."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#schema-{name}">{name}</a>'
    if "const" in schema:
        return escape(json.dumps(schema["const"]))
    if "enum" in schema:
        return " | ".join(escape(json.dumps(word)) for word in schema["enum"])
    for several in ("allOf", "oneOf", "anyOf"):
        if several in schema and "properties" not in schema:
            sign = " & " if several == "allOf" else " | "
            kinds = dict.fromkeys(_kind(each) for each in schema[several])
            return sign.join(kinds)
    types = schema.get("type", "any")
    types = types if isinstance(types, list) else [types]
    return " | ".join(_of_type(schema, kind) for kind in types)


def _of_type(schema: Schema, kind: str) -> str:
    if kind == "array":
        if "prefixItems" in schema:
            return f"[{', '.join(_kind(each) for each in schema['prefixItems'])}]"
        return f"array of {_kind(schema.get('items') or {})}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_kind(schema['additionalProperties'])}"
    least, most = schema.get("minimum"), schema.get("maximum")
    if kind in ("integer", "number") and most is not None:
        return f"{kind} {least:,}–{most:,}"
    if kind == "string" and "maxLength" in schema:
        return f"string ≤ {schema['maxLength']:,}"
    return escape(schema["format"]) if kind == "string" and "format" in schema else escape(kind)


def _prose(text: str) -> str:
    """A sentence of the document, what stands in backticks as code."""
    parts = escape(text).split("`")
    return "".join(
        f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts)
    )


def _resolved(part: Schema) -> Schema:
    """A part of the document, or the one it refers to."""
    if "$ref" not in part:
        return part
    _, _, kind, name = part["$ref"].split("/")
    found: Schema = document()["components"][kind][name]
    return found
