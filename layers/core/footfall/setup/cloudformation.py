"""A custom resource of CloudFormation: its request is always answered, or the stack would wait for an hour.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
"""

import contextvars
import http.client
import json
import re
import threading
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from footfall import telemetry
from footfall.errors import FootfallError
from footfall.setup.failed import SetupFailed

Work = Callable[[Mapping[str, Any]], dict[str, str]]
"""Does what a request asks; the attributes that the template reads."""
Send = Callable[[str, bytes], None]
KEPT_BACK_SECONDS = 20.0
"""Work that is not done so long before the function's end is answered as failed."""
REASON_CHARACTERS = 1_000
"""A whole answer may have 4,096 bytes."""
NOT_MADE = "-not-made"
"""What ends the id of a resource that could not be created: going back, CloudFormation has it deleted all the same."""
_SEND_SECONDS = 5
_TRIES = 3
_CREDENTIALS = re.compile(r"//[^/@\s]*@")


def respond(
    event: Mapping[str, Any], context: Any, work: Mapping[str, Work], send: Send
) -> dict[str, Any]:
    """Do the work of a request's type (Create, Update, Delete) and send CloudFormation the outcome; it is returned too.

    Whatever the work raises is a failure with a reason: the deployment goes back to what was before.
    """
    outcome: dict[str, Any]
    try:
        outcome = {
            "Status": "SUCCESS",
            "Data": _in_time(work[event["RequestType"]], event, context),
        }
    except Exception as error:  # noqa: BLE001 - an answer that is missing would be worse than any
        telemetry.report("setup failed", error)
        outcome = {"Status": "FAILED", "Reason": reason(error)}
    is_made = outcome["Status"] == "SUCCESS"
    answer = outcome | {
        # Always the same: another one would have CloudFormation delete what this one stands for.
        "PhysicalResourceId": event.get("PhysicalResourceId")
        or f"{event['LogicalResourceId']}{'' if is_made else NOT_MADE}",
        **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
    }
    send(event["ResponseURL"], json.dumps(answer).encode())
    return answer


def was_made(event: Mapping[str, Any]) -> bool:
    """Whether what a request to delete names was ever created; else its id is another."""
    return bool(event.get("PhysicalResourceId") == event["LogicalResourceId"])


def put(url: str, body: bytes) -> None:
    """Put an answer where CloudFormation waits for it. Raises OSError when that cannot be had in three tries."""
    # S3 signed the address for no type of content.
    request = urllib.request.Request(url, body, {"Content-Type": ""}, method="PUT")  # noqa: S310 - CloudFormation's own
    for left in reversed(range(_TRIES)):
        try:
            with urllib.request.urlopen(request, timeout=_SEND_SECONDS):  # noqa: S310
                return
        except (OSError, http.client.HTTPException) as error:
            if not left:
                raise OSError(f"CloudFormation cannot be answered: {error}") from error


def reason(error: BaseException) -> str:
    """What went wrong, for the person who deploys: what we say of it and what it came of, without credentials."""
    said = error.message if isinstance(error, FootfallError) else type(error).__name__
    cause = error.__cause__ or (None if isinstance(error, FootfallError) else error)
    if cause is not None:
        said += f" ({type(cause).__name__}: {cause})"
    return _CREDENTIALS.sub("//", " ".join(said.split()))[:REASON_CHARACTERS]


def _in_time(work: Work, event: Mapping[str, Any], context: Any) -> dict[str, str]:
    """What the work answers. Raises what it raises, and SetupFailed when it is not done in time."""
    left = context.get_remaining_time_in_millis() / 1000 - KEPT_BACK_SECONDS
    done: dict[str, Any] = {}

    def do() -> None:
        try:
            done["data"] = work(event)
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            done["error"] = error

    # Not a signal: nothing interrupts a library in the midst of its work.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(do,), daemon=True)
    thread.start()
    thread.join(max(0.0, left))
    if "error" in done:
        raise done["error"]
    if "data" not in done:
        raise SetupFailed(
            "late", "It takes longer than it may; deploy again: what was done stays done."
        )
    data: dict[str, str] = done["data"]
    return data
