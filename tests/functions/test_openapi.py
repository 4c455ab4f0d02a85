"""What /openapi.json says is what the doorways do: requests made of the document, answers held against it.

Schemathesis makes requests that the document allows and such that it does not; they go through the doorways, on real
engines. `OPENAPI_CASES=20000` makes as many of the collect and admin routes, and a tenth of that of all others.
"""

import base64
import json
import os
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core import NOT_SET
from schemathesis.generation.modes import GenerationMode

from footfall import api
from footfall.openapi.document import document
from local import template
from tests.builders import API_KEY, WRITE_KEY, Product, Send, doorway, http_event, pageview, track

CASES = int(os.environ.get("OPENAPI_CASES", "300"))
SHARES = {"collect": 0.6, "admin": 0.4, "others": 0.1}
TEMPLATE = template.load(Path(__file__).parents[2] / "template.yaml")
FUNCTIONS = {
    (route.method, route.path): route.function.removesuffix("Function").lower()
    for route in TEMPLATE.routes
}
OPERATIONS = [
    (method.upper(), path) for path, item in document()["paths"].items() for method in item
]
SENDING = {
    path for method, path in OPERATIONS if method == "POST" and FUNCTIONS[method, path] == "collect"
}
FITS = ("invalid_json", "invalid_field", "invalid_event", "unknown_type", "unknown_key")
"""What a request is refused with that is not of the form which the document tells."""


def group_of(operation: tuple[str, str]) -> str:
    """Which of SHARES an operation counts to."""
    name = FUNCTIONS[operation]
    return name if name in SHARES else "others"


def strict(schema: Any) -> Any:
    """A schema whose objects hold nothing but what it names: what is answered stands in the document."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: strict(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema["properties"]:
        made.setdefault("additionalProperties", False)
    return made


@cache
def validator(method: str, path: str, status: str, kind: str) -> Any:
    """What an answer is held against, None where the document has no such answer."""
    response = document()["paths"][path][method.lower()]["responses"].get(status)
    if response and "$ref" in response:
        response = document()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    if not response or kind not in response["content"]:
        return None
    schema = strict(response["content"][kind]["schema"])
    components = {"schemas": strict(document()["components"]["schemas"])}
    return (
        jsonschema.Draft202012Validator(schema | {"components": components}),
        tuple(name.lower() for name in response.get("headers", ())),
    )


@dataclass
class Doors:
    """The doorways, what was answered, and what should not have been."""

    modules: dict[str, Any]
    sites: list[str]
    keys: dict[str, str] = field(default_factory=dict)
    """The last key that was made of a site."""
    statuses: Counter[str] = field(default_factory=Counter)
    findings: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, event: dict[str, Any]) -> tuple[int, Any]:
        """One request: status and body of the answer, which is held against the document."""
        name = FUNCTIONS[method, path]
        if name not in self.modules:
            self.modules[name] = doorway(name)
        answer = self.modules[name].lambda_handler(event, None)
        status = answer["statusCode"]
        kind = answer["headers"].get("content-type", "").partition(";")[0]
        body = json.loads(answer["body"]) if kind == "application/json" else answer["body"]
        self.statuses[f"{method} {path} {status}"] += 1
        if status >= 500:
            self.find(method, path, f"{status} {body}", event)
        declared = validator(method, path, str(status), kind)
        if declared is None:
            self.find(method, path, f"{status} {kind} {body} is not declared", event)
            return status, body
        schema, headers = declared
        if error := jsonschema.exceptions.best_match(schema.iter_errors(body)):
            self.find(method, path, f"{status} {error.json_path} {error.message}", event)
        if missing := set(headers) - answer["headers"].keys():
            self.find(method, path, f"{status} without {missing}", event)
        self.follow(event, status, body)
        return status, body

    def follow(self, event: dict[str, Any], status: int, body: Any) -> None:
        """Know which sites and keys there are."""
        key = event["routeKey"]
        if status != 200:
            return
        if key == "POST /sites":
            self.sites.append(body["site"]["id"])
        elif key == "DELETE /sites/{id}":
            self.sites.remove(body["deleted"])
        elif key == "POST /sites/{id}/keys":
            self.keys[event["pathParameters"]["id"]] = body["id"]

    def find(self, method: str, path: str, what: str, event: dict[str, Any]) -> None:
        """Note the first of each kind."""
        self.findings.setdefault(f"{method} {path}: {what[:60]}", f"{what[:500]}\n{event}"[:3_000])


@pytest.fixture
def doors(wired: Product, send: Send) -> Doors:
    """The doorways of a deployment with three sites, some events and some rejects."""
    headers = {"authorization": f"Bearer {API_KEY}"}
    for name in ("shop", "blog"):
        assert send("POST", "/sites", {"name": name, "id": name}, headers=headers)[0] == 200
    send("POST", "/batch", {"batch": [pageview("v1"), track("v2"), {"type": "pageview"}]})
    send("POST", "/identify", {"anonymousId": "v1", "userId": "u1"})
    send("POST", "/pageview", {"page": {}})
    wired.drain()
    return Doors({}, ["default", "shop", "blog"])


AUTHORIZATIONS = st.sampled_from([API_KEY, API_KEY, API_KEY, API_KEY, WRITE_KEY, ""])


@cache
def schema() -> Any:
    """The document as Schemathesis reads it."""
    return schemathesis.openapi.from_dict(document())


@cache
def requests(method: str, path: str) -> Any:
    """Requests of an operation: such as the document allows, and such as it does not."""
    operation = schema()[path][method]
    modes = [GenerationMode.POSITIVE]
    if operation.body or operation.query:
        modes.append(GenerationMode.NEGATIVE)
    return st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))


def about(site: str, body: Any) -> Any:
    """A body that names this site wherever it names one: few guesses would be one."""
    if isinstance(body, list):
        return [about(site, item) for item in body]
    if not isinstance(body, dict):
        return body
    inner = {"batch": about(site, body["batch"])} if "batch" in body else {}
    return body | inner | {name: site for name in ("site", "domain") if name in body}


def text(value: Any) -> str:
    """A parameter as it stands in a URL."""
    return value if isinstance(value, str) else json.dumps(value)


def made(case: Any, path: str, key: str, site: str | None) -> dict[str, Any]:
    """The gateway's event of a request, with a key that may be good; `site` instead of the one it names."""
    headers = {name.lower(): text(value) for name, value in (case.headers or {}).items()}
    if key:
        headers["authorization"] = f"Bearer {key}"
    parameters = {
        name: unquote(text(given)) for name, given in (case.path_parameters or {}).items()
    }
    query = {name: text(given) for name, given in (case.query or {}).items()}
    if site is not None and path.startswith("/sites/"):
        parameters["id"] = site
    elif site is not None and "site" in query:
        query["site"] = site
    body, is_base64 = None, False
    if isinstance(case.body, bytes):
        body, is_base64 = base64.b64encode(case.body).decode(), True
    elif case.body is not NOT_SET:
        body = json.dumps(about(site, case.body) if site and path in SENDING else case.body)
    full = path
    for name, value in parameters.items():
        full = full.replace(f"{{{name}}}", value)
    event = http_event(
        case.method, full, body=body, query=query, headers=headers, is_base64=is_base64
    )
    event["routeKey"] = f"{case.method} {path}"
    if parameters:
        event["pathParameters"] = parameters
    return event


@pytest.mark.parametrize("group", SHARES)
def test_what_is_sent_as_the_document_says_is_answered_as_it_says(doors: Doors, group: str):
    operations = [each for each in OPERATIONS if group_of(each) == group]

    @settings(
        max_examples=max(1, int(CASES * SHARES[group])),
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def each(data: st.DataObject) -> None:
        method, path = data.draw(st.sampled_from(operations))
        case = data.draw(requests(method, path))
        key = data.draw(AUTHORIZATIONS)
        place = data.draw(st.integers(-2, 20))
        site = None if place < 0 else doors.sites[place % len(doors.sites)]
        event = made(case, path, key, site)
        if "key_id" in path and site in doors.keys:
            event["pathParameters"]["key_id"] = doors.keys[site]
        status, answer = doors.send(method, path, event)
        is_allowed = case.meta is not None and case.meta.generation.mode.is_positive
        # That one of the calls of a path needs a `batch` is more than OpenAPI can say.
        is_unsaid = path == "/v1/{call}" and status == 400 and answer.get("field") == "batch"
        if is_allowed and status == 400 and answer["code"] in FITS and not is_unsaid:
            doors.find(method, path, f"{answer} though it is allowed", event)

    each()

    total = sum(doors.statuses.values())
    print(f"{group}: {total} cases, {dict(sorted(doors.statuses.items()))}")
    assert total >= int(CASES * SHARES[group])
    assert not doors.findings, "\n\n".join(doors.findings.values())


def test_the_document_is_answered_to_pages_of_any_origin_and_may_be_kept(send: Send):
    status, answer, headers = send(
        "GET", "/openapi.json", headers={"origin": "https://any.example"}
    )

    assert status == 200
    assert answer == json.loads(json.dumps(document()))
    assert headers["access-control-allow-origin"] == "*"
    assert headers["cache-control"] == "public, max-age=3600"
    assert set(answer["paths"]) == set(api.ROUTES)
