"""What a shell completes is what can be asked for."""

from footfall.query.catalog import DIMENSIONS, METRICS
from footfall.query.period import INTERVALS, NAMES
from footfall.query.question import BOTS
from footfall_cli import words


def test_the_names_that_a_shell_completes_are_all_there_are():
    assert tuple(METRICS) == words.METRICS
    assert set(words.DIMENSIONS) == set(DIMENSIONS)
    assert set(words.PERIODS) == {*NAMES, "7d", "24h", "30d", "90d"}
    assert tuple(INTERVALS) == words.INTERVALS
    assert tuple(BOTS) == words.BOTS
