"""The HTTP API on a laptop: a request becomes an API Gateway event (payload 2.0), the handler's result an answer.

Which function answers is template.yaml's to say. What API Gateway does by itself is done here the same way: lower case
header names, repeated headers and parameters joined by commas, cookies apart, base64 for bodies that are no text, a
cap of 10 MB. A WebSocket at the stage of the template's WebSocket API is that API's (websocket.py). Two things differ
on purpose: its own errors (413, 500) have the shape of all other errors, and what is built and CloudFront serves on AWS
is served here: the dashboard at `/`, the tracker at `/f.js`.
"""

import base64
import json
import sys
import time
import traceback
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import uvicorn
from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from local.functions import ACCOUNT, Invoke
from local.template import Route, Template
from local.websocket import MESSAGE_BYTES, WebSockets

BODY_BYTES = 10_000_000
# What a client still sends after that is read and dropped up to here, so that it gets to read the answer.
_DROPPED_BYTES = 64_000_000
# Each function has its own threads: slow questions do not hold up collecting.
THREADS = 16
SCRIPTS = ("/f.js", "/f.core.js", "/f.vitals.js")
# Pages of any origin load the tracker, isolated ones too, and keep it for a day; a new one is fetched meanwhile.
SCRIPT_HEADERS = {
    "cache-control": "public, max-age=86400, stale-while-revalidate=604800",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
}
# No other site puts the dashboard into a frame; the names of its assets change with what is in them.
PAGE_HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
ASSETS = "/assets/"


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it came over the wire; header names in any case, values as text."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    ip: str
    protocol: str = "HTTP/1.1"


def http_event(
    request: HttpRequest,
    route_key: str,
    now: float,
    request_id: str,
    parameters: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The API Gateway event of a request received at `now` (seconds since 1970), with the parameters of its path."""
    headers = _joined((name.lower(), value.strip()) for name, value in request.headers)
    cookies = [part.strip() for part in headers.pop("cookie", "").split(";") if part.strip()]
    domain = headers.get("host", "")
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "local",
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": request.protocol,
                "sourceIp": request.ip,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": route_key,
            "stage": "$default",
            "time": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if parameters:
        event["pathParameters"] = dict(parameters)
    if request.query:
        pairs = parse_qsl(request.query, keep_blank_values=True, errors="replace")
        event["queryStringParameters"] = _joined(pairs)
    if request.body:
        event["body"], event["isBase64Encoded"] = _body(request.body, headers)
    return event


def http_response(result: Any) -> Response:
    """The HTTP answer of what a handler returned: a payload 2.0 response, or a bare value that is sent as JSON.

    Raises ValueError or TypeError when API Gateway could not make an answer of it either.
    """
    if not isinstance(result, dict) or "statusCode" not in result:
        return Response(json.dumps(result), media_type="application/json")
    body = result.get("body") or ""
    content = base64.b64decode(body) if result.get("isBase64Encoded") else body.encode("utf-8")
    status = int(result["statusCode"])
    if not 100 <= status <= 599:
        raise ValueError(f"{status} is no status")
    headers = {
        str(name).lower(): str(value) for name, value in (result.get("headers") or {}).items()
    }
    # The length is the gateway's to say, as on AWS.
    headers.pop("content-length", None)
    if content:
        headers.setdefault("content-type", "application/json")
    response = Response(content, status_code=status, headers=headers)
    if status == 204:
        del response.headers["content-length"]
    for cookie in result.get("cookies") or []:
        response.headers.append("set-cookie", str(cookie))
    return response


def make_app(
    template: Template,
    invoke: Invoke,
    pages: Path | None = None,
    scripts: Path | None = None,
    sockets: WebSockets | None = None,
) -> ASGIApp:
    """The gateway as an ASGI application; `pages` is the folder of the built dashboard, `scripts` that of the built
    tracker, None without one. `sockets` are those that are open, None to take none.
    """
    files = (
        StaticFiles(directory=pages, html=True) if pages is not None and pages.is_dir() else None
    )
    tracker = StaticFiles(directory=scripts) if scripts is not None and scripts.is_dir() else None
    threads = {name: CapacityLimiter(THREADS) for name in template.functions}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await _open(scope, receive, send)
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        route = template.route(request.method, _sent_path(scope))
        response = None
        if route is None or route.path == "$default":
            if tracker is not None and scope["path"] in SCRIPTS:
                response = await _page(tracker, scope)
                if response is not None:
                    response.headers.update(SCRIPT_HEADERS)
            elif files is not None:
                response = await _page(files, scope)
                if response is not None:
                    response.headers.update(PAGE_HEADERS)
                    if scope["path"].startswith(ASSETS):
                        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        if response is None:
            response = await _answer(request, route)
        await response(scope, receive, send)

    async def _open(scope: Scope, receive: Receive, send: Send) -> None:
        api = template.sockets
        if sockets is None or api is None or scope["path"] != api.path:
            await receive()
            await send({"type": "websocket.close"})
            return
        await sockets.serve(api, invoke, scope, receive, send)

    async def _answer(request: Request, route: Route | None) -> Response:
        if route is None:
            return _error(404, "not_found", "There is nothing here.")
        try:
            body = await _read(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return _error(
                413,
                "too_large",
                f"A request may hold {BODY_BYTES:,} bytes at most; send smaller batches.",
            )
        parameters = route.parameters(_sent_path(request.scope))
        event = http_event(
            _http_request(request, body), route.key, time.time(), str(uuid.uuid4()), parameters
        )
        try:
            call = partial(invoke, route.function, event)
            return http_response(await to_thread.run_sync(call, limiter=threads[route.function]))
        except Exception:  # noqa: BLE001 - as on AWS, what a handler raises is logged and answered with a plain 500
            print(
                f"{route.function} failed on {route.key}\n{traceback.format_exc()}",
                file=sys.stderr,
                flush=True,
            )
            return _error(500, "internal", "Something went wrong on our side; try again.")

    return app


def make_server(app: ASGIApp) -> uvicorn.Server:
    """The server of a gateway; who sends is the connection's address, whatever a header says."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            lifespan="off",
            ws="wsproto",
            ws_max_size=MESSAGE_BYTES,
            # Idle is who says nothing, as on AWS; clients that vanished are found by sending to them.
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=10,
        )
    )


def _sent_path(scope: Scope) -> str:
    """The path with its percent signs: a slash that belongs to a parameter is still none."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    return raw.partition(b"?")[0].decode("latin-1")


def _http_request(request: Request, body: bytes) -> HttpRequest:
    scope = request.scope
    ip = scope["client"][0] if scope.get("client") else ""
    headers = tuple((name.decode("latin-1"), _text(value)) for name, value in scope["headers"])
    forwarded = (("x-forwarded-for", ip), ("x-forwarded-proto", scope["scheme"]))
    return HttpRequest(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers=(*headers, *forwarded),
        body=body,
        ip=ip,
        protocol=f"HTTP/{scope['http_version']}",
    )


async def _read(request: Request) -> bytes | None:
    """The body; None when it is too large."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > _DROPPED_BYTES:
        return None
    body = bytearray()
    length = 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > _DROPPED_BYTES:
            break
        if length <= BODY_BYTES:
            body += chunk
        else:
            body.clear()
    return bytes(body) if length <= BODY_BYTES else None


async def _page(files: StaticFiles, scope: Scope) -> Response | None:
    """A file of a folder; None when there is none of that name."""
    if scope["method"] not in ("GET", "HEAD"):
        return None
    try:
        return await files.get_response(files.get_path(scope), scope)
    except (HTTPException, OSError, ValueError):
        # Not there, or no name that a file could have.
        return None


def _error(status: int, code: str, message: str) -> Response:
    headers = {"access-control-allow-origin": "*", "cache-control": "no-store"}
    body = json.dumps({"code": code, "message": message})
    return Response(body, status_code=status, headers=headers, media_type="application/json")


def _body(body: bytes, headers: Mapping[str, str]) -> tuple[str, bool]:
    if _is_text(headers.get("content-type", "")) and "content-encoding" not in headers:
        try:
            return body.decode("utf-8"), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode("ascii"), True


def _is_text(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    main, _, sub = kind.partition("/")
    return main == "text" or (
        main == "application" and sub.rpartition("+")[2] in ("json", "xml", "javascript")
    )


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined
