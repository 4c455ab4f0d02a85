"""What Footfall says about itself while running: one structured logger, named once.

No log line ever carries a client address, an id of a visitor or a key.
"""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger


@cache
def logger() -> "Logger":
    """The structured (JSON) logger; its level comes from POWERTOOLS_LOG_LEVEL or LOG_LEVEL."""
    from aws_lambda_powertools import Logger  # noqa: PLC0415 - most requests say nothing

    return Logger(service="footfall")
