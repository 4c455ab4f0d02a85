"""Random histories through the whole product, against the naive model: every number has to be equal.

`HYPOTHESIS_EXAMPLES=2000 pytest tests/model/test_product.py` looks longer; HYPOTHESIS_UNSHRUNK=1 shows what it finds
as it was found.
"""

import contextlib
import itertools
import os
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from footfall.counters import Counters
from footfall.days import to_ms
from footfall.errors import FootfallError, Unavailable, Unprocessable
from footfall.ingest.batch import ingest
from footfall.journal import backlog
from footfall.lease import let_go_all
from footfall.site import Site
from tests.builders import API_KEY, WRITE_KEY, Breaking, Product
from tests.model.histories import History, Question, histories, questions
from tests.model.naive import Answer, Impossible, Model

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "15"))
QUESTIONS = 8
_sites = itertools.count()
PHASES = (Phase.generate,) if "HYPOTHESIS_UNSHRUNK" in os.environ else tuple(Phase)
examined = settings(
    max_examples=EXAMPLES,
    phases=PHASES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


class ClockedCounters(Counters):
    """A real Valkey whose salts end by the history's clock and not by the wall's."""

    def __init__(self, counters: Counters) -> None:
        super().__init__(counters._valkey)
        self.now_ms = 0
        self._ends: dict[str, int] = {}

    def salt(self, site_id: str, name: str, proposal: bytes, seconds: int) -> tuple[bytes, int]:
        key = f"footfall:{{{site_id}}}:salt:{name}"
        if self.now_ms >= self._ends.get(key, self.now_ms + 1):
            self._valkey.ask([("DEL", key)])
            del self._ends[key]
        salt, _ = super().salt(site_id, name, proposal, seconds)
        end = self._ends.setdefault(key, self.now_ms + seconds * 1_000)
        return salt, (end - self.now_ms) // 1_000


@examined
@given(data=st.data())
def test_every_number_of_a_random_history_is_the_models(product: Product, data: st.DataObject):
    history = data.draw(histories())
    model = history.model()
    on_a_site_of_its_own(product, history)
    order = random.Random(data.draw(st.integers(0, 1_000)))
    collect(product, history, model.answers)
    messages = waiting(product, order)
    early = order.randint(0, len(messages))
    deliver(product, order, messages[:early])
    roll_up(product, order)
    deliver(product, order, messages[early:])
    asked = [data.draw(questions(history)) for _ in range(QUESTIONS)]
    note("before the last run")
    for question in asked[: QUESTIONS // 2]:
        compare(product, history, model, question)
    note("after a run that broke" if roll_up(product, order) else "after a run")
    for question in asked[QUESTIONS // 2 :]:
        compare(product, history, model, question)
    let_go_all(product.store)
    assert not product.roll_up().get("busy")
    assert product.site.id not in backlog(product.store)
    note("rolled up")
    for question in asked:
        compare(product, history, model, question)


def on_a_site_of_its_own(product: Product, history: History) -> None:
    """Histories share the store: each is another site's."""
    product.counters = ClockedCounters(product.counters)
    product.site = Site(id=f"history-{next(_sites)}", timezone=history.site_timezone)
    product.forget()


def collect(product: Product, history: History, answers: Sequence[Answer]) -> None:
    """Every delivery is answered as the model says."""
    for delivery, expected in zip(history.deliveries, answers, strict=True):
        product.counters.now_ms = to_ms(delivery["received_at"])
        try:
            answer = product.post(
                delivery["route"],
                delivery["body"],
                to_ms(delivery["received_at"]),
                key={"write": WRITE_KEY, "api": API_KEY}[delivery.get("key", "write")],
                ip=delivery.get("ip", ""),
                user_agent=delivery.get("user_agent", ""),
            )
        except FootfallError as refusal:
            assert expected.status != 200, (delivery, expected, refusal.body())  # noqa: PT017
        else:
            assert expected.status == 200, (delivery, expected)
            assert answer.get("accepted", 1) == expected.accepted, (delivery, expected, answer)


def waiting(product: Product, order: random.Random) -> list[tuple[str, str]]:
    """The messages that wait, in any order, some of them twice."""
    messages = []
    while received := product.receive():
        messages += [(message["MessageId"], message["Body"]) for message in received]
        for message in received:
            product.sqs.delete_message(
                QueueUrl=product.queue.url, ReceiptHandle=message["ReceiptHandle"]
            )
    messages += order.sample(messages, len(messages) // 4)
    order.shuffle(messages)
    return messages


def deliver(product: Product, order: random.Random, messages: list[tuple[str, str]]) -> None:
    """Ingest messages in any batches."""
    messages = list(messages)
    while messages:
        size = order.randint(1, len(messages))
        batch = dict(messages[:size])
        assert ingest(batch, product.store, product.queue, product.zone_of) == []
        del messages[:size]


def roll_up(product: Product, order: random.Random) -> bool:
    """Perhaps a run, of one build or of many, perhaps one that breaks on its way; whether it broke."""
    let_go_all(product.store)
    breaking = Breaking(product.store, order.randint(1, 40))
    with contextlib.suppress(Unavailable), pytest.MonkeyPatch.context() as patch:
        patch.setattr("footfall.rollup.run.ROWS_A_BUILD", order.choice((1, 4, 10_000_000)))
        product.roll_up(breaking)
    return breaking.is_broken


def compare(product: Product, history: History, model: Model, question: Question) -> None:
    """The product's answer to a question is the model's."""
    name = question.path.removeprefix("/")
    note(f"{question.path} {question.arguments}")

    def asked() -> Any:
        if name == "query":
            return product.query(question.arguments, to_ms(history.now))
        return product.ask(name, to_ms(history.now), **question.parameters)

    try:
        expected = question.ask(model)
    except Impossible:
        with pytest.raises(Unprocessable):
            asked()
        return
    assert shown(name, asked()) == close_to(expected)


def shown(name: str, answer: dict[str, Any]) -> Any:
    """The part of the product's answer that the model answers too."""
    if name == "metrics":
        return answer["metrics"]
    if name == "timeseries":
        return [(point["date"], point["value"]) for point in answer["data"]]
    if name == "breakdown":
        return {"data": answer["data"], "total": answer["total"]}
    if name in ("values", "properties"):
        return answer["data"]
    if name == "query":
        told = ("total_rows", "time_labels", "partial")
        meta = {key: answer["meta"][key] for key in told if key in answer["meta"]}
        return {"results": answer["results"], "meta": meta}
    return {key: answer[key] for key in ("date", "pageviews", "visitors", "events")}


def close_to(value: Any) -> Any:
    """The same, with floats that may differ in their last digits."""
    if isinstance(value, float):
        return pytest.approx(value, rel=1e-9, abs=1e-9)
    if isinstance(value, dict):
        return {key: close_to(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(close_to(item) for item in value)
    return value
