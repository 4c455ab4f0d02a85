"""template.yaml as what the local stack needs of it: functions, routes, sockets, queues, queue triggers and schedules.

Owns the reading of SAM's YAML (its short tags included) and nothing else; what a property means is AWS's business, and
what the local stack cannot do is refused with a TemplateError rather than left out.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml


class TemplateError(ValueError):
    """The template holds something that the local stack cannot do."""


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function: its logical id, the folder of its code, and its handler (`module.function`)."""

    name: str
    folder: Path
    handler: str
    timeout_seconds: int
    memory_mb: int


@dataclass(frozen=True, slots=True)
class Route:
    """A route of the HTTP API. Method ANY takes every method; path `$default` every request that has no other."""

    method: str
    path: str
    function: str

    @property
    def key(self) -> str:
        """What API Gateway calls `routeKey`."""
        return self.path if self.path == "$default" else f"{self.method} {self.path}"

    def parameters(self, path: str) -> dict[str, str] | None:
        """The parameters of this route (`/visitors/{id}`) in a path as it was sent, decoded; None where it is another
        route's. A parameter is one segment, not empty.
        """
        names, segments = self.path.split("/"), path.split("/")
        if len(names) != len(segments):
            return None
        found: dict[str, str] = {}
        for name, segment in zip(names, segments, strict=True):
            if name.startswith("{") and segment:
                found[name[1:-1]] = unquote(segment)
            elif name != unquote(segment):
                return None
        return found


@dataclass(frozen=True, slots=True)
class SocketRoute:
    """A route of the WebSocket API: its function, and whether what that returns is said to the client."""

    function: str
    is_answered: bool


@dataclass(frozen=True, slots=True)
class WebSocketApi:
    """A WebSocket API with its one stage. `routes` are by key: `$connect`, `$default` and maybe `$disconnect`."""

    stage: str
    routes: Mapping[str, SocketRoute]

    @property
    def path(self) -> str:
        """Where a client opens a socket."""
        return f"/{self.stage}"


@dataclass(frozen=True, slots=True)
class Queue:
    """An SQS queue. `dead_letter_queue` is a logical id, or None without redrive."""

    name: str
    visibility_seconds: int
    retention_seconds: int
    dead_letter_queue: str | None
    max_receive_count: int


@dataclass(frozen=True, slots=True)
class QueueSource:
    """A queue that triggers a function."""

    queue: str
    function: str
    batch_size: int
    window_seconds: int
    reports_failures: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule that triggers a function: `rate(…)` or `cron(…)`, and the event it sends (None: EventBridge's own)."""

    name: str
    function: str
    expression: str
    input: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """What is deployed, as far as the local stack runs it."""

    functions: Mapping[str, Function]
    routes: tuple[Route, ...]
    queues: Mapping[str, Queue]
    sources: tuple[QueueSource, ...]
    schedules: tuple[Schedule, ...]
    sockets: WebSocketApi | None = None

    def route(self, method: str, path: str) -> Route | None:
        """The route of a request as API Gateway chooses it: exact, then with parameters, then ANY, then `$default`.

        `path` is percent-encoded, as it was sent.
        """
        routes = _by_key(self.routes)
        return (
            routes.get((method, unquote(path)))
            or next(
                (
                    route
                    for route in self.routes
                    if "{" in route.path
                    and route.method in (method, "ANY")
                    and route.parameters(path) is not None
                ),
                None,
            )
            or routes.get(("ANY", unquote(path)))
            or routes.get(("ANY", "$default"))
        )


def load(path: Path) -> Template:
    """Read a template. Raises TemplateError when it cannot be run here, OSError when it cannot be read."""
    return parse(path.read_text(encoding="utf-8"), path.parent)


def read(text: str) -> dict[str, Any]:
    """A template as plain values, CloudFormation's short tags in their long form. Raises TemplateError."""
    try:
        document: dict[str, Any] = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader that knows the tags
    except yaml.YAMLError as error:
        raise TemplateError(f"not YAML: {error}") from None
    return document


def parse(text: str, folder: Path) -> Template:
    """A Template of YAML text whose code lies in `folder`. Raises TemplateError."""
    document = read(text)
    resources: dict[str, Any] = document["Resources"]
    common = document.get("Globals", {}).get("Function", {})
    functions = {
        name: common | resource["Properties"]
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    events = [
        (function, name, event["Type"], event.get("Properties", {}))
        for function, properties in functions.items()
        for name, event in properties.get("Events", {}).items()
    ]
    return Template(
        functions={
            name: _function(name, properties, folder) for name, properties in functions.items()
        },
        routes=tuple(
            _route(function, given) for function, _, kind, given in events if kind == "HttpApi"
        ),
        queues=dict(_queues(resources)),
        sources=tuple(
            _source(function, given) for function, _, kind, given in events if kind == "SQS"
        ),
        schedules=tuple(_schedules(events)),
        sockets=_sockets(resources),
    )


def _function(name: str, properties: Mapping[str, Any], folder: Path) -> Function:
    return Function(
        name=name,
        folder=folder / properties["CodeUri"],
        handler=properties["Handler"],
        timeout_seconds=properties.get("Timeout", 3),
        memory_mb=properties.get("MemorySize", 128),
    )


def _route(function: str, given: Mapping[str, Any]) -> Route:
    path = given.get("Path", "$default")
    if "+}" in path:
        raise TemplateError(f"{path}: the local gateway knows no greedy path parameters")
    return Route(given.get("Method", "ANY").upper(), path, function)


def _sockets(resources: Mapping[str, Any]) -> WebSocketApi | None:
    apis = {
        name: each["Properties"]
        for name, each in resources.items()
        if each["Type"] == "AWS::Serverless::WebSocketApi"
    }
    if not apis:
        return None
    if len(apis) > 1:
        raise TemplateError("the local gateway knows one WebSocket API")
    ((name, given),) = apis.items()
    if not given["Routes"].keys() >= {"$connect", "$default"} or not given["Routes"].keys() <= {
        "$connect",
        "$default",
        "$disconnect",
    }:
        raise TemplateError(f"{name}: the local gateway knows $connect, $default and $disconnect")
    answered = {
        _referenced(each["Properties"]["RouteId"])
        for each in resources.values()
        if each["Type"] == "AWS::ApiGatewayV2::RouteResponse"
    }
    return WebSocketApi(
        stage=given.get("StageName", "default"),
        routes={
            key: SocketRoute(
                function=_referenced(route["FunctionArn"]),
                # API Gateway says what a function returns where a route has both.
                is_answered=f"{name}{key[1:].capitalize()}Route" in answered
                and "RouteResponseSelectionExpression" in route,
            )
            for key, route in given["Routes"].items()
        },
    )


def _queues(resources: Mapping[str, Any]) -> Iterator[tuple[str, Queue]]:
    for name, resource in resources.items():
        if resource["Type"] != "AWS::SQS::Queue":
            continue
        given = resource.get("Properties", {})
        redrive = given.get("RedrivePolicy", {})
        yield (
            name,
            Queue(
                name=name,
                visibility_seconds=given.get("VisibilityTimeout", 30),
                retention_seconds=given.get("MessageRetentionPeriod", 345_600),
                dead_letter_queue=_referenced(redrive["deadLetterTargetArn"]) if redrive else None,
                max_receive_count=redrive.get("maxReceiveCount", 0),
            ),
        )


def _source(function: str, given: Mapping[str, Any]) -> QueueSource:
    return QueueSource(
        queue=_referenced(given["Queue"]),
        function=function,
        batch_size=given.get("BatchSize", 10),
        window_seconds=given.get("MaximumBatchingWindowInSeconds", 0),
        reports_failures="ReportBatchItemFailures" in given.get("FunctionResponseTypes", []),
    )


def _schedules(events: list[tuple[str, str, str, Any]]) -> Iterator[Schedule]:
    for function, name, kind, given in events:
        if kind in ("Schedule", "ScheduleV2"):
            expression = given.get("Schedule") or given.get("ScheduleExpression")
            yield Schedule(name, function, expression, given.get("Input"))
        elif kind not in ("HttpApi", "SQS"):
            raise TemplateError(f"{function}: the local stack knows no event of type {kind}")


def _referenced(value: Any) -> str:
    """The logical id behind a Ref or GetAtt."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return name
    raise TemplateError(f"{value!r} does not name a resource of this template")


@functools.lru_cache(maxsize=8)
def _by_key(routes: tuple[Route, ...]) -> dict[tuple[str, str], Route]:
    return {(route.method, route.path): route for route in routes}


class _Loader(yaml.SafeLoader):
    """YAML without objects, and with CloudFormation's short tags in their long form."""


def _tagged(loader: _Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _tagged)
