"""Batches go to the server, a few at a time, each again until it is in.

A batch that is sent twice counts once, because its events bring their ids; so whatever is unsure is sent again.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from footfall_cli.client import Answer, Client
from footfall_cli.errors import CliError, Refused, Unreachable
from footfall_cli.importing.batches import Batch
from footfall_cli.importing.tally import Tally

IN_FLIGHT = 3
GIVE_UP_SECONDS = 180.0
_AGAIN = frozenset({429, 500, 502, 503, 504})
_FIRST_WAIT_SECONDS = 0.25
_LONGEST_WAIT_SECONDS = 30.0
_SETTLE_SECONDS = 5.0


class _Stopped(Exception):
    """Another thread's batch has failed for good."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file."""

    file: str
    line: int


class Delivery:
    """Threads that post batches and tell the tally. The first failure for good ends all; `send` and `finish` raise it.

    To be used with `with`, which stops what is still under way.
    """

    def __init__(
        self,
        connect: Callable[[], Client],
        site: str | None,
        tally: Tally,
        give_up_seconds: float = GIVE_UP_SECONDS,
        in_flight: int = IN_FLIGHT,
    ) -> None:
        self._connect = connect
        self._site = site
        self._tally = tally
        self._give_up_seconds = give_up_seconds
        self._in_flight = in_flight
        self._changed = threading.Condition()
        self._waiting: deque[tuple[int, Batch]] = deque()
        self._under_way: dict[int, Place] = {}
        """The first line of every batch that was handed over and is not in, oldest first."""
        self._sent = 0
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        # Daemons, so that Ctrl-C does not wait for an answer.
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(in_flight)]

    def __enter__(self) -> "Delivery":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._end()
        if kind is None:
            for thread in self._threads:
                thread.join()

    def send(self, batch: Batch) -> None:
        """Hand over a batch; waits while all threads are busy. Raises CliError when an earlier one has failed."""
        with self._changed:
            # One more than there are threads: none waits for a file to be read.
            self._changed.wait_for(lambda: self._failure or len(self._under_way) <= self._in_flight)
            self._check()
            self._under_way[self._sent] = Place(batch.file, batch.lines[0])
            self._waiting.append((self._sent, batch))
            self._sent += 1
            self._changed.notify_all()

    def finish(self) -> None:
        """Wait until everything that was handed over is in. Raises CliError when a batch has failed."""
        with self._changed:
            self._changed.wait_for(lambda: self._failure or not self._under_way)
            self._check()

    def settle(self) -> None:
        """Send nothing more; what is on the wire already may still come back, for a moment."""
        self._end()
        deadline = time.monotonic() + _SETTLE_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def first_open(self) -> Place | None:
        """The first line that is not known to be in, of those handed over; None when all are."""
        with self._changed:
            return next(iter(self._under_way.values()), None)

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _end(self, failure: BaseException | None = None) -> None:
        with self._changed:
            self._failure = self._failure or failure
            self._stop.set()
            self._changed.notify_all()

    def _work(self) -> None:
        try:
            with self._connect() as client:
                while (numbered := self._next()) is not None:
                    number, batch = numbered
                    fold(batch, self._post(client, batch), client, self._tally)
                    with self._changed:
                        del self._under_way[number]
                        self._changed.notify_all()
        except _Stopped:
            return
        except BaseException as error:  # noqa: BLE001 - whatever it is, the main thread raises it
            self._end(error)

    def _next(self) -> tuple[int, Batch] | None:
        """The next batch to post; None when all has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stop.is_set())
            return None if self._stop.is_set() else self._waiting.popleft()

    def _post(self, client: Client, batch: Batch) -> Answer:
        """Post a batch until the server has decided on it. Raises CliError after `give_up_seconds` without success."""
        body = batch.body()
        deadline = time.monotonic() + self._give_up_seconds
        pause = _FIRST_WAIT_SECONDS
        while True:
            wait = pause
            try:
                answer = client.post("/import", body, {"site": self._site}, gzip=True)
            except Unreachable as error:
                failure: CliError = error
            else:
                if answer.status not in _AGAIN:
                    return answer
                failure = _busy(client, answer)
                wait = max(pause, retry_after(answer, time.time()))
            if time.monotonic() + wait > deadline:
                raise failure
            if self._stop.wait(wait):
                raise _Stopped
            pause = min(pause * 2, _LONGEST_WAIT_SECONDS)


def fold(batch: Batch, answer: Answer, client: Client, tally: Tally) -> None:
    """Count an answer: what of the batch was accepted and what was refused.

    Raises CliError when the whole request was refused, or the answer is none of Footfall's.
    """
    receipt = _receipt(answer, len(batch.lines))
    if receipt is None:
        body = client.checked(answer)
        raise Unreachable(f"{client.url} answers, but not as Footfall does: {str(body)[:100]}")
    tally.accept(receipt["accepted"])
    for refusal in receipt["rejected"]:
        tally.refuse(
            str(refusal["code"]), str(refusal["message"]), batch.file, batch.lines[refusal["index"]]
        )


def retry_after(answer: Answer, now: float) -> float:
    """The seconds that an answer asks to wait for; 0 when it does not say."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isdecimal():
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - now)
    except ValueError:
        return 0.0


def _receipt(answer: Answer, events: int) -> dict[str, Any] | None:
    """The body of an answer that names every event of a batch; None for any other answer."""
    if answer.status not in (200, 400):
        return None
    try:
        body = answer.json()
    except ValueError:
        return None
    if answer.status == 400 and body.get("code") != "nothing_accepted":
        return None
    accepted, rejected = body.get("accepted"), body.get("rejected")
    if (
        not isinstance(accepted, int)
        or not isinstance(rejected, list)
        or accepted + len(rejected) != events
    ):
        return None
    for refusal in rejected:
        if not isinstance(refusal, dict) or not isinstance(refusal.get("index"), int):
            return None
        if not 0 <= refusal["index"] < events or "code" not in refusal or "message" not in refusal:
            return None
    return body


def _busy(client: Client, answer: Answer) -> CliError:
    try:
        client.checked(answer)
    except CliError as error:
        return error
    return Refused(f"status {answer.status}")
