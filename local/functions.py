"""Lambda functions in this process: loaded from their folders, invoked with an event and a context.

One module a function, loaded by path under a name of its own, since every function's file is called app.py. A handler
may be invoked by several threads at the same time.
"""

import importlib.util
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.template import Function, Template, TemplateError

Handler = Callable[[dict[str, Any], object], Any]
Invoke = Callable[[str, dict[str, Any]], Any]
"""Invoke a function (by its logical id) with an event; returns what its handler returns, raises what it raises."""

ACCOUNT = "000000000000"
REGION = "eu-central-1"


def arn(service: str, name: str) -> str:
    """A name as AWS writes it, for events that carry one."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


@dataclass(frozen=True, slots=True)
class Context:
    """The context object of one invocation, as far as Python handlers know it."""

    function_name: str
    memory_limit_in_mb: int
    deadline: float
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    function_version: str = "$LATEST"
    log_group_name: str = "local"
    log_stream_name: str = "local"

    @property
    def invoked_function_arn(self) -> str:
        """The name of the function as AWS writes it."""
        return arn("lambda", f"function:{self.function_name}")

    def get_remaining_time_in_millis(self) -> int:
        """What is left of the function's timeout, in ms; nothing ends a handler here when it is over."""
        return max(0, int((self.deadline - time.monotonic()) * 1000))


class Functions:
    """The functions of a template; each is loaded at its first invocation."""

    def __init__(self, template: Template) -> None:
        self._functions: Mapping[str, Function] = template.functions
        self._handlers: dict[str, Handler] = {}
        self._loading = threading.Lock()

    def invoke(self, name: str, event: dict[str, Any]) -> Any:
        """What the handler answers; raises what it raises."""
        function = self._functions[name]
        deadline = time.monotonic() + function.timeout_seconds
        return self._handler(function)(event, Context(name, function.memory_mb, deadline))

    def load(self) -> None:
        """Load all that is not loaded yet, so that no request has to wait for it."""
        for function in self._functions.values():
            self._handler(function)

    def _handler(self, function: Function) -> Handler:
        handler = self._handlers.get(function.name)
        if handler is None:
            with self._loading:
                handler = self._handlers.get(function.name) or _load(function)
                self._handlers[function.name] = handler
        return handler


def _load(function: Function) -> Handler:
    module_name, _, attribute = function.handler.partition(".")
    path = function.folder / f"{module_name}.py"
    spec = importlib.util.spec_from_file_location(f"{function.name}.{module_name}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise TemplateError(f"{function.name}: there is no {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Handler = getattr(module, attribute)
    return handler
