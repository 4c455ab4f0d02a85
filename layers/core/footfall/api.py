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

from footfall.errors import (
    BadRequest,
    FootfallError,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    Unauthorized,
    Unavailable,
)
from footfall.keys import Access, Keyring
from footfall.site import Site
from footfall.telemetry import logger

COLLECT = ("/pageview", "/screen", "/track", "/identify", "/batch")
ROUTES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*COLLECT, "/import"), ("POST",)),
    **dict.fromkeys(
        (
            *(
                "/health",
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
    **dict.fromkeys(("/query", "/rollup"), ("POST",)),
    "/visitors/{id}/export": ("GET",),
    "/visitors/{id}": ("DELETE",),
}
"""Which methods each path has; of two patterns that fit the first is meant."""
_PATTERNS = {
    route: re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(route)), re.DOTALL)
    for route in ROUTES
    if "{" in route
}

_ALLOW_HEADERS = (
    "authorization, content-type, content-encoding, x-write-key, x-retry-count, anonymousid, sentat, "
    "rsa-retry-attempt, rsa-retry-reason, rsa-since-last-attempt, x-umami-cache"
)
_DAY_SECONDS = "86400"


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
        return self.bearer or self.headers.get("x-write-key") or self.query.get("key", "")


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that is not JSON, or has headers of its own."""

    body: str
    content_type: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Answer = dict[str, Any] | list[dict[str, Any]] | Response
Handler = Callable[[Request], Answer]


def handle(event: Mapping[str, Any], handlers: Mapping[str, Handler]) -> dict[str, Any]:
    """Answer an API Gateway v2 event with the handler of its path, every failure with its status and a JSON body."""
    origin = ""
    route = ""
    try:
        request = read_request(event)
        origin, route = request.headers.get("origin", ""), request.route
        if request.method == "OPTIONS":
            return _answer(204, "", "", _preflight(route, origin))
        result = _find(request, handlers)(request)
    except FootfallError as error:
        return _failed(error, route, origin)
    except Exception:  # noqa: BLE001 - whatever it is, the client gets an answer that tells nothing
        logger().exception("a request failed in a way nobody foresaw")
        return _failed(
            FootfallError("internal", "Something went wrong on our side; try again."), route, origin
        )
    if isinstance(result, Response):
        return _answer(
            result.status, result.body, result.content_type, result.headers | _cors(route, origin)
        )
    return _json(200, result, _cors(route, origin))


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
    said = route_key.partition(" ")[2]
    for route, pattern in _PATTERNS.items():
        match = pattern.fullmatch(path)
        if match and (route == said or said not in _PATTERNS):
            return route, match.groupdict()
    return path, {}


def admin_access(request: Request, keyring: Keyring, site: Site) -> Site:
    """The site a request may administer. Raises as read_access, and Forbidden for a key that only reads."""
    read_access(request, keyring, site)
    access = keyring.find(request.bearer)
    if access is None or access.scope != "admin":
        raise Forbidden("wrong_scope", "This takes an API key with the scope `admin`.")
    return site


def read_access(request: Request, keyring: Keyring, site: Site) -> Site:
    """The site a reading request may read. Raises Unauthorized without a right key, Forbidden for a write key or a
    site that is not the key's.
    """
    access: Access | None = keyring.find(request.bearer) if request.bearer else None
    if access is None:
        if request.bearer:
            raise Unauthorized(
                "wrong_key", "This key is not known; check that it was copied whole."
            )
        raise Unauthorized(
            "no_key", "Reading needs an API key; send it as `Authorization: Bearer …`."
        )
    if access.scope not in ("read", "admin"):
        raise Forbidden("wrong_scope", "This key only sends events; read with an API key.")
    named = request.query.get("site") or site.id
    if named != site.id or not access.covers(named):
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
    if isinstance(error, Unavailable):
        headers["retry-after"] = str(error.retry_after)
    if isinstance(error, Unauthorized):
        headers["www-authenticate"] = 'Bearer realm="footfall"'
    return _json(error.status, error.body(), headers)


def _cors(path: str, origin: str) -> dict[str, str]:
    """Collect routes echo the origin and allow credentials (beacons send them; nothing is decided by a cookie);
    reading routes need a key in a header, so any page may call them with one.
    """
    if not origin:
        return {}
    if path in COLLECT or path == "/health":
        headers = {
            "access-control-allow-origin": origin,
            "access-control-allow-credentials": "true",
            "vary": "origin",
        }
    else:
        headers = {"access-control-allow-origin": "*"}
    return headers | {"access-control-expose-headers": "retry-after, x-ratelimit-reset"}


def _preflight(path: str, origin: str) -> dict[str, str]:
    if path not in ROUTES:
        raise NotFound("not_found", f"There is no {path[:200]} here; see docs/api.md.")
    return _cors(path, origin) | {
        "access-control-allow-methods": ", ".join(ROUTES[path]),
        "access-control-allow-headers": _ALLOW_HEADERS,
        "access-control-max-age": _DAY_SECONDS,
    }


def _json(status: int, body: Any, headers: dict[str, str]) -> dict[str, Any]:
    return _answer(
        status,
        json.dumps(body, ensure_ascii=True, separators=(",", ":")),
        "application/json",
        headers,
    )


def _answer(status: int, body: str, content_type: str, headers: dict[str, str]) -> dict[str, Any]:
    common = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    if content_type:
        common["content-type"] = content_type
    return {
        "statusCode": status,
        "headers": common | headers,
        "body": body,
        "isBase64Encoded": False,
    }
