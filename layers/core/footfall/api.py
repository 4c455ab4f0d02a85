"""HTTP, and nothing else knows it: an API Gateway event becomes a Request, a result or an error becomes a response.

Also which methods each path has (ROUTES; a test holds it against template.yaml), CORS, and the shape of errors.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from footfall import deadline, telemetry
from footfall.config import Settings
from footfall.errors import (
    BadRequest,
    FootfallError,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    TooMany,
    Unauthorized,
    Unavailable,
    Unprocessable,
)
from footfall.keys import Access
from footfall.registry.registry import Registry
from footfall.share import TOKEN_PREFIX
from footfall.site import Site

COLLECT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("/pageview", "/screen", "/track", "/identify", "/batch"), ("POST",)),
    # The APIs of others: Segment and RudderStack, Plausible, Umami, the pixel.
    "/v1/projects/{writeKey}/settings": ("GET",),
    "/sourceConfig": ("GET",),
    "/v1/{call}": ("POST",),
    **dict.fromkeys(("/api/event", "/api/send", "/api/batch"), ("POST",)),
    "/pixel.gif": ("GET",),
}
"""What pages of any origin may call."""
ROUTES: dict[str, tuple[str, ...]] = {
    **COLLECT,
    "/import": ("POST",),
    **dict.fromkeys(
        (
            *(
                "/health",
                "/openapi.json",
                "/docs",
                "/metrics",
                "/timeseries",
                "/breakdown",
                "/daily",
                "/values",
                "/properties",
                "/doctor",
            ),
            "/realtime",
        ),
        ("GET",),
    ),
    **dict.fromkeys(("/query", "/rollup", "/realtime/ticket"), ("POST",)),
    "/visitors/{id}/export": ("GET",),
    "/visitors/{id}": ("DELETE",),
    "/access": ("GET",),
    "/rejects": ("GET",),
    "/rejects/replay": ("POST",),
    "/sites": ("GET", "POST"),
    "/sites/{id}/keys/{key_id}": ("DELETE",),
    "/sites/{id}/keys": ("GET", "POST"),
    "/sites/{id}/shares/{share_id}": ("DELETE",),
    "/sites/{id}/shares": ("GET", "POST"),
    "/sites/{id}/annotations/{annotation_id}": ("DELETE",),
    "/sites/{id}/annotations": ("GET", "POST"),
    "/sites/{id}": ("GET", "PATCH", "DELETE"),
    "/share/{share_id}": ("GET",),
    "/shares/{share_id}/session": ("POST",),
}
"""Which methods each path has; of two patterns that fit the first is meant."""
_PATTERNS = {
    route: re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(route)), re.DOTALL)
    for route in ROUTES
    if "{" in route
}
_PLAIN = frozenset(ROUTES).difference(_PATTERNS)
"""Routes without braces. None of them fits a pattern."""
_ENCODE = json.JSONEncoder(separators=(",", ":")).encode

_ALLOW_HEADERS = (
    "authorization", "content-type", "content-encoding", "x-write-key", "x-retry-count", "anonymousid", "sentat",
    "rsa-retry-attempt", "rsa-retry-reason", "rsa-since-last-attempt", "x-umami-cache",
)  # fmt: skip
"""What clients are known to send; a preflight of a collect route is answered with what else it asks for, too."""
_TOKEN = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]{1,64}")
_ASKED_HEADERS = 32
_DAY_SECONDS = "86400"
ANSWER_BYTES = 6_291_556 - 4_096
"""What Lambda takes of a function as its answer, as JSON, less the headers."""
_WORST_ESCAPE = 6
"""How many bytes one of a text may become in JSON."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a handler needs of an HTTP request. Header names are lower case; the body is as it was sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    ip: str
    route: str = ""
    """The entry of ROUTES that the path is one of, else the path itself."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What stands in the path where the route has a name in braces, decoded."""

    @property
    def user_agent(self) -> str:
        """The agent of the connection, "" for none."""
        return self.headers.get("user-agent", "")

    @property
    def bearer(self) -> str:
        """The key of the Authorization header, "" for none; secret keys travel nowhere else.

        Raises Unauthorized for a header that is neither Bearer nor Basic.
        """
        scheme, _, credentials = self.headers.get("authorization", "").partition(" ")
        credentials = credentials.strip()
        if scheme.lower() == "bearer":
            return credentials
        if scheme.lower() == "basic":
            try:
                return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
            except (binascii.Error, ValueError):
                raise Unauthorized(
                    "wrong_key", "The Authorization header cannot be read; send a Bearer key."
                ) from None
        if scheme:
            raise Unauthorized("wrong_key", "Send the key as `Authorization: Bearer …`.")
        return ""

    @property
    def key(self) -> str:
        """The key that a collect route is presented with: in a header or, as beacons do, the query."""
        return self.bearer or self.plain_key

    @property
    def plain_key(self) -> str:
        """The key that is presented beside the Authorization header, which then is somebody else's."""
        return self.headers.get("x-write-key") or self.query.get("key", "")


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that is not JSON, or has headers of its own."""

    body: str | bytes
    content_type: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Answer = dict[str, Any] | list[dict[str, Any]] | Response
Handler = Callable[[Request], Answer]


def handle(
    event: Mapping[str, Any],
    handlers: Mapping[str, Handler],
    context: Any = None,
    function: str = "",
) -> dict[str, Any]:
    """Answer an API Gateway v2 event with the handler of its path, every failure with its status and a JSON body.

    `context` is Lambda's: the answer is made before it ends. `function` is the word by which the function is known.
    """
    correlation_id = event["requestContext"].get("requestId", "")
    within = deadline.within(context, most=deadline.HTTP_SECONDS)
    with telemetry.about(function, context, correlation_id), within:
        return _handle(event, handlers)


def _handle(event: Mapping[str, Any], handlers: Mapping[str, Handler]) -> dict[str, Any]:
    origin = ""
    route = ""
    try:
        request = read_request(event)
        origin, route = request.headers.get("origin", ""), request.route
        if request.method == "OPTIONS":
            return _answer(204, "", "", _preflight(request))
        result = _find(request, handlers)(request)
        if isinstance(result, Response):
            headers = _joined(_cors(route, origin), result.headers)
            answer = _answer(result.status, result.body, result.content_type, headers)
        else:
            answer = _json(200, result, _cors(route, origin))
        return _fitting(answer, request.headers.get("accept-encoding", ""))
    except FootfallError as error:
        if isinstance(error, Unavailable) and error.code != "too_expensive":
            telemetry.report("an engine does not answer", error)
            telemetry.count(EngineFailures=1)
        return _failed(error, route, origin)
    except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer that tells nothing
        telemetry.report("a request failed in a way nobody foresaw", error)
        telemetry.count(InternalErrors=1)
        return _failed(
            FootfallError("internal", "Something went wrong on our side; try again."), route, origin
        )


def read_request(event: Mapping[str, Any]) -> Request:
    """The Request of an API Gateway v2 event. Raises BadRequest when its body is no base64 where it says so."""
    http = event["requestContext"]["http"]
    body: str = event.get("body") or ""
    try:
        data = (
            base64.b64decode(body, validate=True)
            if event.get("isBase64Encoded")
            else body.encode("utf-8")
        )
    except (binascii.Error, ValueError):
        raise BadRequest("invalid_body", "The body cannot be read.") from None
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    path: str = event.get("rawPath") or http["path"]
    route, parameters = _route(path, event.get("routeKey", ""))
    return Request(
        method=http["method"].upper(),
        path=path,
        route=route,
        parameters=event.get("pathParameters") or parameters,
        headers=headers,
        query=event.get("queryStringParameters") or {},
        body=data,
        ip=http.get("sourceIp", ""),
    )


def _route(path: str, route_key: str) -> tuple[str, dict[str, str]]:
    """The entry of ROUTES that is meant, and what stands in its braces. The gateway's word counts: it saw the path
    before it was decoded, and there a slash in an id was none.
    """
    if path in _PLAIN:
        return path, {}
    said = route_key.partition(" ")[2]
    for route, pattern in _PATTERNS.items():
        match = pattern.fullmatch(path)
        if match and (route == said or said not in _PATTERNS):
            return route, match.groupdict()
    # Some clients write a slash behind the paths of collect.
    bare = path.rstrip("/")
    return (bare if bare in COLLECT else path), {}


def admin_access(request: Request, registry: Registry, named: str | None = None) -> Site:
    """The site a request may administer. Raises as read_access, and Forbidden for a key that only reads."""
    return _site_of(administrator(request, registry), request, registry, named)


def read_access(request: Request, registry: Registry, named: str | None = None) -> Site:
    """The site a reading request may read: the one its body (`named`) or its query names, else its key's only one, else
    the default site.

    Raises Unauthorized without a right key; Forbidden for a key that only sends, a site that is not the key's, and one
    that does not exist; Unavailable when it cannot be looked up.
    """
    return site_read(reader(request, registry), request, registry, named)


def reader(request: Request, registry: Registry) -> Access:
    """The access of a request that reads. Raises as read_access, but for the site."""
    access = _access(request, registry)
    if access.scope not in ("read", "admin", "share"):
        raise Forbidden("wrong_scope", "This key only sends events; read with an API key.")
    return access


def site_read(
    access: Access, request: Request, registry: Registry, named: str | None = None
) -> Site:
    """As read_access, for an access that reads."""
    return _site_of(access, request, registry, named)


def administrator(request: Request, registry: Registry) -> Access:
    """The access of a request that administers. Raises Unauthorized without a key, Forbidden without the scope."""
    access = _access(request, registry)
    if access.scope != "admin":
        raise Forbidden("wrong_scope", "This takes an API key with the scope `admin`.")
    return access


def _access(request: Request, registry: Registry) -> Access:
    if not request.bearer:
        raise Unauthorized("no_key", "This needs an API key; send it as `Authorization: Bearer …`.")
    if request.bearer.startswith(TOKEN_PREFIX):
        access = registry.find_token(request.bearer)
        if access is None:
            raise Unauthorized("wrong_key", "This link's session is over; open the link again.")
        return access
    access = registry.find(request.bearer)
    if access is None:
        raise Unauthorized("wrong_key", "This key is not known; check that it was copied whole.")
    return access


def _site_of(access: Access, request: Request, registry: Registry, named: str | None) -> Site:
    site_id = named or request.query.get("site") or access.site_id or registry.default.site.id
    site = registry.site_to_read(site_id) if access.covers(site_id) else None
    if site is None:
        raise Forbidden("wrong_site", "The key is not one of this site's.", field="site")
    return site


def _find(request: Request, handlers: Mapping[str, Handler]) -> Handler:
    methods = ROUTES.get(request.route)
    if methods is None:
        raise NotFound("not_found", f"There is no {request.path[:200]} here; see docs/api.md.")
    if request.method not in methods or request.route not in handlers:
        raise MethodNotAllowed(
            "method_not_allowed", "This route does not take that method.", allowed=methods
        )
    return handlers[request.route]


def _failed(error: FootfallError, path: str, origin: str) -> dict[str, Any]:
    headers = _cors(path, origin)
    if isinstance(error, MethodNotAllowed):
        headers["allow"] = ", ".join([*(error.allowed or ()), "OPTIONS"])
    if isinstance(error, Unavailable | TooMany):
        headers["retry-after"] = str(error.retry_after)
    if isinstance(error, TooMany):
        headers["x-ratelimit-reset"] = str(error.retry_after)
    if isinstance(error, Unauthorized):
        headers["www-authenticate"] = 'Bearer realm="footfall"'
    return _json(error.status, error.body(), headers)


def _cors(route: str, origin: str) -> dict[str, str]:
    """Collect routes echo the origin and allow credentials: beacons send them, and nothing is decided by a cookie. All
    others answer the pages of the dashboard's origins, without credentials, and no other page.
    """
    if not origin:
        return {}
    headers = {"vary": "origin"}
    if route in COLLECT or route == "/health":
        headers["access-control-allow-origin"] = origin
        headers["access-control-allow-credentials"] = "true"
    elif origin in Settings.from_environ().dashboard_origins:
        headers["access-control-allow-origin"] = origin
    else:
        return headers
    return headers | {"access-control-expose-headers": "retry-after, x-ratelimit-reset"}


def _preflight(request: Request) -> dict[str, str]:
    route, asked = request.route, request.headers.get("access-control-request-headers", "")
    if route not in ROUTES:
        raise NotFound("not_found", f"There is no {request.path[:200]} here; see docs/api.md.")
    allowed = dict.fromkeys(_ALLOW_HEADERS)
    if route in COLLECT:
        names = [name.strip().lower() for name in asked.split(",")][:_ASKED_HEADERS]
        allowed |= dict.fromkeys(name for name in names if _TOKEN.fullmatch(name))
    return _cors(route, request.headers.get("origin", "")) | {
        "access-control-allow-methods": ", ".join(ROUTES[route]),
        "access-control-allow-headers": ", ".join(allowed),
        "access-control-max-age": _DAY_SECONDS,
    }


def _joined(headers: dict[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Headers together; what an answer varies with adds up."""
    varies = ", ".join(filter(None, (headers.get("vary"), own.get("vary"))))
    return {**headers, **own, **({"vary": varies} if varies else {})}


def _fitting(answer: dict[str, Any], accepted: str) -> dict[str, Any]:
    """An answer that Lambda passes on: a large one is compressed where the client takes that.

    Raises Unprocessable for one that is too large even so: Lambda would make a 502 of it.
    """
    body: str = answer["body"]
    if len(body) * _WORST_ESCAPE <= ANSWER_BYTES or len(json.dumps(body)) <= ANSWER_BYTES:
        return answer
    if not answer["isBase64Encoded"] and re.search(
        r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", accepted
    ):
        import gzip  # noqa: PLC0415 - for the largest answers only

        packed = gzip.compress(body.encode(), compresslevel=5, mtime=0)
        added = {"content-encoding": "gzip", "vary": "accept-encoding"}
        answer = answer | {
            "headers": _joined(answer["headers"], added),
            "body": base64.b64encode(packed).decode(),
            "isBase64Encoded": True,
        }
        if len(answer["body"]) <= ANSWER_BYTES:
            return answer
    raise Unprocessable(
        "answer_too_large",
        "The answer is larger than 6 MB; ask for a shorter period or fewer rows (`limit`), "
        "or take it compressed (`Accept-Encoding: gzip`).",
    )


def _json(status: int, body: Any, headers: dict[str, str]) -> dict[str, Any]:
    return _answer(
        status,
        _ENCODE(body),
        "application/json",
        headers,
    )


def _answer(
    status: int, body: str | bytes, content_type: str, headers: dict[str, str]
) -> dict[str, Any]:
    common = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    if content_type:
        common["content-type"] = content_type
    return {
        "statusCode": status,
        "headers": common | headers,
        "body": body if isinstance(body, str) else base64.b64encode(body).decode(),
        "isBase64Encoded": isinstance(body, bytes),
    }
