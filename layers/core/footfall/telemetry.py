"""What Footfall says about itself while running: one structured logger and one set of metrics, named once.

No log line and no metric ever carries a client address, an id of a visitor or a key.
"""

from functools import cache

from aws_lambda_powertools import Logger, Metrics


@cache
def logger() -> Logger:
    """The structured (JSON) logger; its level comes from POWERTOOLS_LOG_LEVEL or LOG_LEVEL."""
    return Logger(service="footfall")


@cache
def metrics() -> Metrics:
    """CloudWatch metrics in embedded metric format, flushed once an invocation by its `log_metrics`."""
    return Metrics(namespace="Footfall", service="footfall")
