"""The HTTP API on a laptop: requests become the events of API Gateway, results become answers."""

import asyncio
import base64
import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local import gateway
from local.functions import Functions
from local.gateway import HttpRequest, http_event, http_response
from local.template import Template, parse

TEMPLATE = """
Globals: {Function: {Timeout: 5, Handler: app.lambda_handler}}
Resources:
  Front:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/front
      Events:
        Post: {Type: HttpApi, Properties: {Method: POST, Path: /things}}
        Default: {Type: HttpApi}
  Back:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/back
      Events:
        Get: {Type: HttpApi, Properties: {Method: GET, Path: /things}}
        One: {Type: HttpApi, Properties: {Method: DELETE, Path: '/things/{id}'}}
"""
NOW = 1_772_445_600.5


class Api:
    """A gateway under uvicorn whose functions record their events and answer what the test says."""

    def __init__(
        self, template: Template, pages: Path | None = None, scripts: Path | None = None
    ) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.answer: Callable[[dict[str, Any]], Any] = lambda event: {
            "statusCode": 200,
            "body": "{}",
        }
        self._server = gateway.make_server(gateway.make_app(template, self._invoke, pages, scripts))
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = self._socket.getsockname()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._server.serve(sockets=[self._socket])), daemon=True
        )
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.address[1]}", timeout=10)

    def _invoke(self, name: str, event: dict[str, Any]) -> Any:
        self.events.append((name, event))
        return self.answer(event)

    def __enter__(self) -> "Api":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self._server.should_exit = True
        self._thread.join()


@pytest.fixture(scope="module")
def template() -> Template:
    return parse(TEMPLATE, Path())


@pytest.fixture
def api(template: Template) -> Iterator[Api]:
    with Api(template) as api:
        yield api


def http_request(**changes: Any) -> HttpRequest:
    """A request of which only what matters is given."""
    given: dict[str, Any] = {
        "method": "GET",
        "path": "/",
        "query": "",
        "headers": (),
        "body": b"",
        "ip": "203.0.113.7",
    }
    return HttpRequest(**given | changes)


def test_an_event_has_the_form_of_payload_2():
    event = http_event(
        http_request(
            path="/a",
            query="x=1&x=2&empty=&z=%C3%A4+b",
            headers=(("Host", "a.example"), ("User-Agent", "ua")),
        ),
        "GET /a",
        NOW,
        "id-1",
    )

    assert event == {
        "version": "2.0",
        "routeKey": "GET /a",
        "rawPath": "/a",
        "rawQueryString": "x=1&x=2&empty=&z=%C3%A4+b",
        "headers": {"host": "a.example", "user-agent": "ua"},
        "queryStringParameters": {"x": "1,2", "empty": "", "z": "ä b"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "a.example",
            "domainPrefix": "a",
            "http": {
                "method": "GET",
                "path": "/a",
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "ua",
            },
            "requestId": "id-1",
            "routeKey": "GET /a",
            "stage": "$default",
            "time": "02/Mar/2026:10:00:00 +0000",
            "timeEpoch": 1772445600500,
        },
        "isBase64Encoded": False,
    }


def test_repeated_headers_are_joined_and_cookies_stand_apart():
    headers = (("Accept", "a"), ("ACCEPT", "b"), ("Cookie", "x=1; y=2"))

    event = http_event(http_request(headers=headers), "$default", NOW, "id")

    assert event["headers"] == {"accept": "a,b"}
    assert event["cookies"] == ["x=1", "y=2"]


@pytest.mark.parametrize(
    ("content_type", "body", "encoded"),
    [
        ("application/json", b'{"a":1}', False),
        ("application/json; charset=utf-8", "ä".encode(), False),
        ("application/vnd.api+json", b"{}", False),
        ("text/plain;charset=UTF-8", b"{}", False),
        ("application/json", gzip.compress(b"{}", mtime=0), True),
        ("application/json", b"\xff\xfe", True),
        ("application/octet-stream", b"{}", True),
        ("application/x-www-form-urlencoded", b"a=1", True),
        ("", b"{}", True),
    ],
)
def test_a_body_is_text_where_type_and_bytes_are_and_else_base64(
    content_type: str, body: bytes, encoded: bool
):
    headers = (("Content-Type", content_type),) if content_type else ()

    event = http_event(http_request(headers=headers, body=body), "$default", NOW, "id")

    assert event["isBase64Encoded"] is encoded
    text = event["body"]
    assert (base64.b64decode(text) if encoded else text.encode()) == body


def test_a_body_that_says_it_is_encoded_is_base64_even_when_it_is_text():
    headers = (("Content-Type", "application/json"), ("Content-Encoding", "identity"))

    assert (
        http_event(http_request(headers=headers, body=b"{}"), "$default", NOW, "id")[
            "isBase64Encoded"
        ]
        is True
    )


def test_every_request_goes_to_the_function_of_its_route(api: Api):
    api.client.post("/things", json={})
    api.client.get("/things?a=1")
    api.client.options("/things")
    api.client.get("/elsewhere")

    assert [(name, event["routeKey"]) for name, event in api.events] == [
        ("Front", "POST /things"),
        ("Back", "GET /things"),
        ("Front", "$default"),
        ("Front", "$default"),
    ]


def test_the_event_names_the_connection_and_no_two_requests_share_an_id(api: Api):
    api.client.post(
        "/things",
        content=b"{}",
        headers={"X-Forwarded-For": "198.51.100.9", "content-type": "text/plain"},
    )
    api.client.post("/things", json={})

    first, second = (event for _, event in api.events)
    assert first["requestContext"]["http"]["sourceIp"] == "127.0.0.1"
    assert first["headers"]["x-forwarded-for"] == "198.51.100.9,127.0.0.1"
    assert first["body"] == "{}"
    assert first["requestContext"]["requestId"] != second["requestContext"]["requestId"]


def test_a_payload_2_answer_becomes_http(api: Api):
    api.answer = lambda event: {
        "statusCode": 503,
        "headers": {"Retry-After": 5, "Content-Type": "application/json"},
        "cookies": ["a=1; Secure", "b=2"],
        "body": '{"code":"x"}',
    }

    answer = api.client.get("/things")

    assert (answer.status_code, answer.json()) == (503, {"code": "x"})
    assert answer.headers["retry-after"] == "5"
    assert answer.headers.get_list("set-cookie") == ["a=1; Secure", "b=2"]


def test_a_base64_answer_is_decoded():
    pixel = b"GIF89a\x00\xff"

    response = http_response(
        {"statusCode": 200, "body": base64.b64encode(pixel).decode(), "isBase64Encoded": True}
    )

    assert response.body == pixel


def test_a_bare_answer_is_sent_as_json(api: Api):
    api.answer = lambda event: {"hello": [1]}

    answer = api.client.get("/things")

    assert (answer.status_code, answer.json()) == (200, {"hello": [1]})
    assert answer.headers["content-type"] == "application/json"


def test_an_answer_without_content_has_no_body_and_no_length(api: Api):
    api.answer = lambda event: {
        "statusCode": 204,
        "headers": {"access-control-allow-origin": "*"},
        "body": "",
    }

    answer = api.client.options("/things")

    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-length" not in answer.headers


@pytest.mark.parametrize(
    "answer",
    [
        RuntimeError("secret"),
        {"statusCode": "many"},
        {"statusCode": 9999},
        {"statusCode": 200, "body": 1},
        {1, 2},
    ],
)
def test_a_handler_that_raises_or_answers_nonsense_is_a_plain_500(
    api: Api, answer: Any, capsys: pytest.CaptureFixture[str]
):
    def fail(event: dict[str, Any]) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    api.answer = fail
    response = api.client.get("/things")

    assert (response.status_code, response.json()["code"]) == (500, "internal")
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert "Back failed on GET /things" in capsys.readouterr().err


def test_a_body_over_the_cap_is_a_413_and_reaches_no_function(api: Api):
    largest = b"x" * gateway.BODY_BYTES

    taken = api.client.post("/things", content=largest)
    refused = api.client.post("/things", content=largest + b"x")
    refused_in_pieces = api.client.post("/things", content=iter([largest, b"x"]))

    assert taken.status_code == 200
    for answer in (refused, refused_in_pieces):
        assert answer.status_code == 413
        assert answer.json()["code"] == "too_large"
    assert len(api.events) == 1


def test_a_length_nobody_would_send_is_refused_unread(api: Api):
    with socket.create_connection(api.address, timeout=10) as connection:
        connection.sendall(
            b"POST /things HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000000\r\n\r\nx"
        )
        answer = connection.recv(1000)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert api.events == []


def test_requests_of_one_function_run_side_by_side(api: Api):
    together = threading.Barrier(2, timeout=10)
    answers: list[int] = []

    def meet(event: dict[str, Any]) -> Any:
        together.wait()
        return {}

    api.answer = meet
    threads = [
        threading.Thread(target=lambda: answers.append(api.client.get("/things").status_code))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [200, 200]


def test_the_dashboard_is_served_where_no_route_is(template: Template, tmp_path: Path):
    (tmp_path / "index.html").write_text("<title>Footfall</title>")
    (tmp_path / "app.js").write_text("1")
    (tmp_path / "things").write_text("a file named like a route")

    with Api(template, tmp_path) as api:
        client = api.client
        page, script, route = client.get("/"), client.get("/app.js"), client.get("/things")
        head = client.head("/")
        outside = client.get("/%2e%2e/%2e%2e/etc/passwd")
        impossible = client.get("/%00"), client.get("/" + "a" * 5_000), client.get("/%ff")
        elsewhere = outside, client.get("/none.js"), client.post("/app.js"), *impossible

    assert "Footfall" in page.text
    assert "javascript" in script.headers["content-type"]
    assert route.json() == {}
    assert (head.status_code, head.content) == (200, b"")
    assert [event["routeKey"] for _, event in api.events] == [
        "GET /things",
        *["$default"] * len(elsewhere),
    ]


def test_the_tracker_is_served_to_pages_of_any_origin_and_kept_for_a_day(
    template: Template, tmp_path: Path
):
    scripts = tmp_path / "dist"
    scripts.mkdir()
    for name in ("f.js", "f.core.js", "secret.js"):
        (scripts / name).write_text(f"/* {name} */")

    with Api(template, None, scripts) as api:
        full, core = api.client.get("/f.js"), api.client.get("/f.core.js?v=1")
        again = api.client.get("/f.js", headers={"If-None-Match": full.headers["etag"]})
        missing, other = api.client.get("/f.vitals.js"), api.client.get("/secret.js")

    assert (full.text, core.text) == ("/* f.js */", "/* f.core.js */")
    assert "javascript" in full.headers["content-type"]
    for answer in (full, core, again):
        assert answer.headers.items() >= gateway.SCRIPT_HEADERS.items()
    assert again.status_code == 304
    assert [event["rawPath"] for _, event in api.events] == ["/f.vitals.js", "/secret.js"]
    assert {missing.text, other.text} == {"{}"}


def test_without_a_default_route_an_unknown_path_is_a_404():
    template = parse(TEMPLATE.replace("        Default: {Type: HttpApi}\n", ""), Path())

    with Api(template) as api:
        answer = api.client.get("/elsewhere")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_functions_are_loaded_from_their_folders_and_know_their_context(tmp_path: Path):
    for word in ("front", "back"):
        folder = tmp_path / "functions" / word
        folder.mkdir(parents=True)
        (folder / "app.py").write_text(
            "def lambda_handler(event, context):\n"
            f"    return ['{word}', event['n'], context.function_name, context.get_remaining_time_in_millis() > 4000]\n"
        )
    functions = Functions(parse(TEMPLATE, tmp_path))

    answers = [functions.invoke(name, {"n": 1}) for name in ("Front", "Back")]

    assert json.dumps(answers) == '[["front", 1, "Front", true], ["back", 1, "Back", true]]'


def test_a_path_parameter_is_one_segment_and_decoded(api: Api):
    api.client.delete("/things/a%2Fb%3F%C3%A9%2541?x=1")

    (name, event), *_ = api.events
    assert (name, event["routeKey"]) == ("Back", "DELETE /things/{id}")
    assert event["pathParameters"] == {"id": "a/b?é%41"}
    assert event["rawQueryString"] == "x=1"


def test_a_path_without_parameters_has_none(api: Api):
    api.client.get("/things")

    assert "pathParameters" not in api.events[0][1]
