"""API Gateway's WebSocket API on a laptop: its events, its limits, and `@connections`, by which functions send.

A client's connection becomes `$connect`, each of its messages `$default`, its end `$disconnect`; what `$default`
returns is said to the client where the template's route has a response. `@connections` listens apart from the public
port, and only to requests that are signed with the stack's key.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-overview.html
"""

import asyncio
import base64
import json
import secrets
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from anyio import CapacityLimiter, to_thread
from starlette.types import Receive, Scope, Send

from local import signature
from local.functions import ACCOUNT, Invoke
from local.http_server import BodyRefused, Handler, HttpServer, read_body
from local.template import WebSocketApi

MESSAGE_BYTES = 128 * 1024
"""The largest message, either way."""
IDLE_SECONDS = 600.0
LIFE_SECONDS = 7_200.0
SEND_SECONDS = 0.5
"""How long a message waits for a client that does not read; AWS would keep some for it."""
THREADS = 16
_CONNECTIONS = "@connections"
_GOING_AWAY = 1001


@dataclass
class Connection:
    """An open socket. Times are the clock's."""

    id: str
    opened: float
    last_active: float
    send: Send
    loop: asyncio.AbstractEventLoop
    about: Mapping[str, Any]
    """What is told of it in every event: who connected, and when."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def seconds_left(self, now: float) -> float:
        """How long it may stay open if nothing more happens."""
        return min(self.opened + LIFE_SECONDS, self.last_active + IDLE_SECONDS) - now


class WebSockets:
    """The sockets of one API. Functions may send from any thread, clients come and go on the gateway's loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[str, Connection] = {}
        self._threads = CapacityLimiter(THREADS)

    async def serve(
        self, api: WebSocketApi, invoke: Invoke, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer one client from its handshake to its end."""
        await receive()
        connection = Connection(
            id=f"{secrets.token_urlsafe(11)}=",
            opened=self._clock(),
            last_active=self._clock(),
            send=send,
            loop=asyncio.get_running_loop(),
            about=_about(api, scope),
        )
        call = partial(self._call, api, invoke, connection)
        # As on AWS nothing can be sent to it before it is accepted, and an event may come at once after that.
        answer = await call("$connect", _handshake(scope))
        status = _status(answer)
        if not 200 <= status < 300:
            await _refuse(send, status, str(answer.get("body") or "") if answer else "")
            return
        await send({"type": "websocket.accept"})
        self._open[connection.id] = connection
        try:
            code, reason = await self._listen(api, connection, receive, call)
        finally:
            self._open.pop(connection.id, None)
        if "$disconnect" in api.routes:
            await call("$disconnect", {"code": code, "reason": reason})

    async def _listen(
        self, api: WebSocketApi, connection: Connection, receive: Receive, call: Callable[..., Any]
    ) -> tuple[int, str]:
        """Hand over what the client says until it leaves, says nothing for too long or has been there for too long."""
        while True:
            left = connection.seconds_left(self._clock())
            try:
                message = await asyncio.wait_for(receive(), max(left, 0))
            except TimeoutError:
                if connection.seconds_left(self._clock()) > 0:
                    continue
                reason = "Going away"
                async with connection.turn:
                    await _quietly(
                        connection.send(
                            {"type": "websocket.close", "code": _GOING_AWAY, "reason": reason}
                        )
                    )
                return _GOING_AWAY, reason
            if message["type"] != "websocket.receive":
                return int(message.get("code") or 1005), str(message.get("reason") or "")
            connection.last_active = self._clock()
            said = message.get("text")
            is_text = said is not None
            body = said if is_text else base64.b64encode(message["bytes"]).decode()
            answer = await call("$default", {"body": body, "isBase64Encoded": not is_text})
            if answer is None:
                answer = {"body": _failed(connection.id)}
            if api.routes["$default"].is_answered and isinstance(answer.get("body"), str):
                await _quietly(self._say(connection, answer["body"]))

    async def _call(
        self,
        api: WebSocketApi,
        invoke: Invoke,
        connection: Connection,
        key: str,
        told: Mapping[str, Any],
    ) -> dict[str, Any] | None:
        """What a route's function returns; None where it failed, or returned what is no answer."""
        event = socket_event(connection.id, key, connection.about, told, time.time())
        function = api.routes[key].function
        try:
            answer = await to_thread.run_sync(
                partial(invoke, function, event), limiter=self._threads
            )
        except Exception:  # noqa: BLE001 - as on AWS, what a handler raises is logged and answered without its text
            text = f"{function} failed on {key}\n{traceback.format_exc()}"
            print(text, file=sys.stderr, flush=True)
            return None
        return answer if isinstance(answer, dict) else None

    async def _say(self, connection: Connection, text: str) -> None:
        async with connection.turn:
            await connection.send({"type": "websocket.send", "text": text})
        connection.last_active = self._clock()

    def send(self, connection_id: str, text: str) -> bool:
        """Send a message from another thread; False where the client is gone. Raises TimeoutError for one who does not
        read.
        """
        connection = self._open.get(connection_id)
        if connection is None:
            return False
        sending = asyncio.run_coroutine_threadsafe(self._say(connection, text), connection.loop)
        try:
            sending.result(SEND_SECONDS)
        except TimeoutError:
            sending.cancel()
            raise
        except Exception:  # noqa: BLE001 - the client left while it was sent to
            return False
        return True

    def close(self, connection_id: str) -> bool:
        """Close a socket from another thread; False where the client is gone."""
        connection = self._open.pop(connection_id, None)
        if connection is None:
            return False
        close = {"type": "websocket.close", "code": 1000, "reason": "Connection Closed Normally"}
        asyncio.run_coroutine_threadsafe(_quietly(connection.send(close)), connection.loop)
        return True

    def told(self, connection_id: str) -> dict[str, Any] | None:
        """What `@connections` tells of a socket; None where the client is gone."""
        connection = self._open.get(connection_id)
        if connection is None:
            return None
        active = time.time() - (self._clock() - connection.last_active)
        return {
            "connectedAt": _iso(connection.about["connectedAt"] / 1000),
            "identity": connection.about["identity"],
            "lastActiveAt": _iso(active),
        }


class ConnectionsServer:
    """`POST`, `GET` and `DELETE /<stage>/@connections/<id>` on an address of its own; port 0 takes a free one."""

    def __init__(
        self, sockets: WebSockets, host: str, port: int, access_key: str, secret_key: str
    ) -> None:
        handler = type(
            "_Handler",
            (_ConnectionsHandler,),
            {"sockets": sockets, "access_key": access_key, "secret_key": secret_key},
        )
        self._host = host
        self._server = HttpServer(host, port, handler)

    @property
    def url(self) -> str:
        """Its address, without a stage."""
        host = "127.0.0.1" if self._host == "0.0.0.0" else self._host  # noqa: S104 - it is compared
        return f"http://{host}:{self._server.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._server.start()

    def stop(self) -> None:
        """Answer what is under way and end."""
        self._server.stop()


class _ConnectionsHandler(Handler):
    sockets: WebSockets
    access_key: str
    secret_key: str

    def do_POST(self) -> None:  # noqa: N802 - the names are the base class's
        self._respond(self._send)

    def do_GET(self) -> None:  # noqa: N802
        self._respond(self._tell)

    def do_DELETE(self) -> None:  # noqa: N802
        self._respond(self._close)

    def _respond(self, act: Callable[[str, bytes], tuple[int, bytes]]) -> None:
        kind = ""
        try:
            body = read_body(self.rfile, self.headers, MESSAGE_BYTES)
            path = self.path.partition("?")[0]
            headers = {name.lower(): value for name, value in self.headers.items()}
            signature.check(
                self.command,
                quote(path, safe="/~"),
                headers,
                body,
                access_key=self.access_key,
                secret_key=self.secret_key,
            )
            status, answer = act(_named(path), body)
            kind = "GoneException" if status == 410 else ""
        except BodyRefused as refused:
            self.close_connection = True
            status, answer, kind = refused.status, b"{}", "PayloadTooLargeException"
        except signature.SignatureRefused as refused:
            status, kind = 403, "ForbiddenException"
            answer = json.dumps({"message": str(refused)}).encode()
        except TimeoutError:
            status, answer, kind = 429, b"{}", "LimitExceededException"
        headers = {"Content-Type": "application/json"}
        self.answer(status, answer, headers | ({"x-amzn-ErrorType": kind} if kind else {}))

    def _send(self, connection: str, body: bytes) -> tuple[int, bytes]:
        is_sent = self.sockets.send(connection, body.decode("utf-8", "replace"))
        return (200, b"") if is_sent else (410, b"{}")

    def _tell(self, connection: str, _: bytes) -> tuple[int, bytes]:
        told = self.sockets.told(connection)
        return (410, b"{}") if told is None else (200, json.dumps(told).encode())

    def _close(self, connection: str, _: bytes) -> tuple[int, bytes]:
        return (204, b"") if self.sockets.close(connection) else (410, b"{}")


def socket_event(
    connection: str, key: str, about: Mapping[str, Any], told: Mapping[str, Any], now: float
) -> dict[str, Any]:
    """The event of API Gateway for a route of a socket; `told` is what was said, or how it connected or ended."""
    kinds = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}
    context: dict[str, Any] = {
        **about,
        "routeKey": key,
        "eventType": kinds.get(key, "MESSAGE"),
        "messageDirection": "IN",
        "connectionId": connection,
        "requestId": secrets.token_urlsafe(11),
        "extendedRequestId": secrets.token_urlsafe(11),
        "requestTime": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": int(now * 1000),
    }
    event: dict[str, Any] = {"requestContext": context, "isBase64Encoded": False}
    if key == "$connect":
        return {**told, **event}
    if key == "$disconnect":
        context["disconnectStatusCode"] = told["code"]
        context["disconnectReason"] = told["reason"]
        return event
    context["messageId"] = secrets.token_urlsafe(11)
    return {**event, **told}


def _about(api: WebSocketApi, scope: Scope) -> dict[str, Any]:
    headers = _headers(scope)
    ip = scope["client"][0] if scope.get("client") else ""
    agent = headers.get("User-Agent", "")
    return {
        "accountId": ACCOUNT,
        "apiId": "local",
        "stage": api.stage,
        "domainName": headers.get("Host", ""),
        "connectedAt": int(time.time() * 1000),
        "identity": {"sourceIp": ip, "userAgent": agent},
    }


def _handshake(scope: Scope) -> dict[str, Any]:
    """What only `$connect` is told: headers, which keep their capitals here, and the query."""
    headers = _headers(scope)
    query = scope["query_string"].decode("latin-1")
    told: dict[str, Any] = {
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
    }
    if query:
        pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
        told["queryStringParameters"] = dict(pairs)
        several: dict[str, list[str]] = {}
        for name, value in pairs:
            several.setdefault(name, []).append(value)
        told["multiValueQueryStringParameters"] = several
    return told


def _headers(scope: Scope) -> dict[str, str]:
    return {
        name.decode("latin-1").title(): value.decode("latin-1") for name, value in scope["headers"]
    }


def _status(answer: Mapping[str, Any] | None) -> int:
    """The status of a handshake's answer; what is no answer is a failure."""
    try:
        status = int((answer or {})["statusCode"])
    except (KeyError, TypeError, ValueError):
        return 500
    return status if 200 <= status <= 599 else 500


async def _refuse(send: Send, status: int, body: str) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    start = {"type": "websocket.http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "websocket.http.response.body", "body": body.encode()})


async def _quietly(sending: Any) -> None:
    """Send, unless the client has left meanwhile."""
    try:
        await sending
    except Exception:  # noqa: BLE001 - whatever the server says of a connection that ended
        return


def _failed(connection: str) -> str:
    told = {
        "message": "Internal server error",
        "connectionId": connection,
        "requestId": secrets.token_urlsafe(11),
    }
    return json.dumps(told)


def _named(path: str) -> str:
    """The connection that `/<stage>/@connections/<id>` names; "" for any other path."""
    *_, before, connection = ["", "", *path.split("/")]
    return unquote(connection) if unquote(before) == _CONNECTIONS else ""


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
