"""How long anything may take inside an invocation."""

import pytest

from footfall import deadline


class Context:
    """Lambda's context with 10 s left."""

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


def test_outside_an_invocation_there_is_no_end():
    assert deadline.seconds(1e9) == 1e9
    with deadline.within(None):
        assert deadline.seconds(1e9) == 1e9


def test_what_is_left_grows_less_and_ends_before_lambda_does():
    now = 100.0

    def clock() -> float:
        return now

    with deadline.within(Context(), clock):
        assert deadline.seconds(3, clock) == 3
        assert deadline.seconds(30, clock) == 10 - deadline.KEPT_BACK
        now = 108.0
        assert deadline.seconds(30, clock) == pytest.approx(2 - deadline.KEPT_BACK)
        now = 109.5
        with pytest.raises(TimeoutError):
            deadline.seconds(30, clock)
    assert deadline.seconds(30, clock) == 30


def test_http_ends_before_the_gateway_gives_up_though_lambda_would_go_on():
    now = 100.0

    with deadline.within(Context(), lambda: now, most=4.0):
        assert deadline.seconds(30, lambda: now) == pytest.approx(4 - deadline.KEPT_BACK)
