"""Every way in which a request can fail, and the status it answers with.

    FootfallError
    ├── BadRequest           400  the request cannot be read: not JSON, a field of the wrong type
    ├── Unauthorized         401  no key, or one nobody made
    ├── Forbidden            403  a key that may not do this, or a site that is not the key's
    ├── NotFound             404  no such route
    ├── MethodNotAllowed     405  the route exists, the method does not
    ├── TooLarge             413  over a cap
    ├── Unprocessable        422  well-formed, but not possible
    ├── TooMany              429  above the limit of requests; the client comes back after `retry_after` seconds
    └── Unavailable          503  an engine does not answer; the client comes back after `retry_after` seconds

Messages are read by people: they say what is wrong and what to do, and name no engine, no SQL and no secret.
"""

from collections.abc import Sequence


class FootfallError(Exception):
    """A failure with a place in the contract: an HTTP status and a `{"code", "message", …}` body."""

    status = 500

    def __init__(
        self,
        code: str,
        message: str,
        *,
        field: str | None = None,
        allowed: Sequence[str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.allowed = allowed

    def body(self) -> dict[str, object]:
        """The answer's JSON: code and message always, field and allowed where they help."""
        body: dict[str, object] = {"code": self.code, "message": self.message}
        if self.field is not None:
            body["field"] = self.field
        if self.allowed is not None:
            body["allowed"] = list(self.allowed)
        return body


class BadRequest(FootfallError):
    """The request cannot be read."""

    status = 400


class Unauthorized(FootfallError):
    """No key, or one nobody made."""

    status = 401


class Forbidden(FootfallError):
    """A key without that scope or site; also a site that does not exist, so that nobody learns which do."""

    status = 403


class NotFound(FootfallError):
    """No such route."""

    status = 404


class MethodNotAllowed(FootfallError):
    """The route exists, but not with this method; `allowed` lists those it has."""

    status = 405


class TooLarge(FootfallError):
    """A body, an event or a batch over its cap."""

    status = 413


class Unprocessable(FootfallError):
    """Well-formed, but not possible: an unknown metric, an end before its start, a time before 1970."""

    status = 422


class TooMany(FootfallError):
    """Above the limit of requests; nothing was taken and the client should come again."""

    status = 429

    def __init__(self, code: str, message: str, *, retry_after: int) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after


class Unavailable(FootfallError):
    """An engine does not answer; nothing was counted and the client should come again."""

    status = 503

    def __init__(self, code: str, message: str, *, retry_after: int = 5) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after
