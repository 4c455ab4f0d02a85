"""Questions and their answers."""

from footfall.errors import (
    TooMany,
)
from footfall.openapi.schema import (
    CSV,
    READ_KEY,
    READS,
    WRITES,
    Paths,
    Schema,
    anything,
    by_name,
    flag,
    json,
    nullable,
    number,
    operation,
    places,
    query,
    record,
    ref,
    rows,
    shared,
    text,
    told,
    whole,
    word,
)
from footfall.query.ask import MOST_QUERIES
from footfall.query.catalog import DIMENSIONS, METRICS, PROPERTY_CHARACTERS, PROPS
from footfall.query.filters import CLAUSES, COMBINATIONS, OPERATORS
from footfall.query.metrics import DEFAULT
from footfall.query.parse import FLAGS, MOST_DIMENSIONS, MOST_OFFSET, MOST_ROWS, ROWS, TIMES
from footfall.query.period import INTERVALS, NAMES
from footfall.query.question import BOTS, FORMATS

_TAG = "Reading"
_METRIC = ref("Metric")
_NUMBER = nullable(number())
_PAIR = rows(text(), "Two dates or times.", minItems=2, maxItems=2)
_MOMENT = text("A date (midnight in the zone) or a time.", examples=["2026-03-01"])
_COMPARISON: dict[str, Schema] = {"previous": _NUMBER, "change": _NUMBER}
_META: dict[str, Schema] = {
    "site": text(),
    "timezone": text(),
    "period": ref("TimeRange"),
    "previous": nullable(ref("TimeRange")),
    "fresh_to": nullable(text("Everything received before it is in the answer.")),
    "bots_excluded": flag(),
    "source": word(("raw", "rollup", "both")),
    "counted": word(("all", "leading")),
    "rows_read": whole(),
}
_RESULT_META = _META | {
    "total_rows": whole(about="How many rows there are without `pagination`."),
    "time_labels": rows(text()),
    "partial": rows(text(), "Buckets that are still running."),
}

_COMPARED = (
    word(OPERATORS),
    ref("Dimension"),
    rows({"type": ["string", "number", "boolean"]}, minItems=1, maxItems=CLAUSES),
)

PARAMETERS: dict[str, Schema] = {
    "site": query("site", text(), "A site of the key. Default: its only one, else the default."),
    "period": query("period", ref("Period"), "Default: 30d."),
    "start": query("start", _MOMENT, "With `end` instead of `period`; half-open."),
    "end": query("end", _MOMENT, "Default: now."),
    "timezone": query("timezone", text(examples=["Europe/Berlin"]), "Default: the site's."),
    "filters": {
        "name": "filters",
        "in": "query",
        "required": False,
        "description": 'JSON, such as [["is","country",["DE","AT"]]].',
        "content": json(ref("Filters")),
    },
    "compare": query(
        "compare",
        {"anyOf": [word(("previous", "year", "none")), text(pattern=r"^.+\.\..+$")]},
        "With what a period is compared, or `<start>..<end>`.",
    ),
    "bots": query("bots", word(BOTS), "Default: exclude."),
    "format": query("format", word(FORMATS), "Default: json."),
    "metric": query("metric", _METRIC, "Default: pageviews; of events by name: events."),
    "dimension": query("dimension", ref("Dimension"), needed=True),
}
_PERIOD = ("site", "period", "start", "end", "timezone", "filters", "bots", "format")

SCHEMAS: dict[str, Schema] = {
    "Metric": word(METRICS),
    "Dimension": {
        "anyOf": [
            word(DIMENSIONS),
            text(
                "A property of events.",
                pattern=f"^{PROPS}[\\s\\S]+$",
                maxLength=PROPERTY_CHARACTERS,
            ),
        ]
    },
    "Period": {
        "anyOf": [
            word(NAMES),
            text("Days until today.", pattern=r"^[1-9]\d{0,3}d$"),
            text("A month or a day.", pattern=r"^\d{4}-\d{2}(-\d{2})?$"),
        ]
    },
    "Filters": {
        "description": "A filter, or a list of filters that must all hold.",
        "anyOf": [ref("Filter"), rows(ref("Filter"))],
    },
    "Filter": {"anyOf": [ref("Comparison"), ref("Combination")]},
    "Comparison": {
        "description": 'Such as ["is","country",["DE"]] or ["is","page",["/A"],{"case_sensitive":false}].',
        "anyOf": [
            places(*_COMPARED),
            places(
                *_COMPARED, record({"case_sensitive": flag()}) | {"additionalProperties": False}
            ),
        ],
    },
    "Combination": places(word(COMBINATIONS), {"type": "array", "items": {}})
    | {"description": '["not",f], ["and",[f, …]] or ["or",[f, …]].'},
    "Query": record(
        {
            "site": nullable(text()),
            "metrics": rows(_METRIC, minItems=1, uniqueItems=True),
            "date_range": {"anyOf": [ref("Period"), _PAIR]},
            "dimensions": nullable(
                rows(
                    {"anyOf": [word(TIMES), ref("Dimension")]},
                    f"One of time and {MOST_DIMENSIONS} others.",
                    maxItems=MOST_DIMENSIONS + 1,
                    uniqueItems=True,
                )
            ),
            "filters": nullable(ref("Filters")),
            "timezone": nullable(text()),
            "bots": nullable(word(BOTS)),
            "order_by": nullable(
                rows(
                    places(text(), word(("asc", "desc"))),
                    "Names of metrics, dimensions and `change:<metric>`.",
                )
            ),
            "pagination": nullable(
                record(
                    {
                        "limit": whole(1, MOST_ROWS, f"Default: {ROWS}."),
                        "offset": whole(0, MOST_OFFSET),
                    }
                )
                | {"additionalProperties": False}
            ),
            "include": nullable(
                record(
                    {
                        "compare": nullable({"anyOf": [word(("previous", "year")), _PAIR]}),
                        **{name: nullable(flag()) for name in FLAGS},
                    }
                )
                | {"additionalProperties": False}
            ),
            "format": nullable(word(FORMATS)),
        },
        ("metrics", "date_range"),
        "Any metrics by any dimensions.",
    )
    | {"additionalProperties": False},
    "TimeRange": told({"start": text(), "end": text()}),
    "Meta": told(_META, about="What an answer says about itself."),
    "Metrics": told(
        {
            "timeRange": ref("TimeRange"),
            "metrics": by_name(told({"value": _NUMBER} | _COMPARISON)),
            "meta": ref("Meta"),
        }
    ),
    "Timeseries": told(
        {
            "timeRange": ref("TimeRange"),
            "metric": _METRIC,
            "interval": word(INTERVALS),
            "data": rows(told({"date": text(), "value": _NUMBER})),
            "meta": ref("Meta"),
        }
    ),
    "Breakdown": told(
        {
            "timeRange": ref("TimeRange"),
            "dimension": text(),
            "metric": _METRIC,
            "data": rows(
                told(
                    {
                        "dimension": text('The value; "" where there is none.'),
                        "label": text(),
                        "value": _NUMBER,
                        "percentage": _NUMBER,
                    }
                    | _COMPARISON,
                    _COMPARISON,
                )
            ),
            "total": whole(),
            "meta": ref("Meta"),
        }
    ),
    "Daily": told(
        {
            "date": text(),
            "pageviews": whole(),
            "visitors": whole(),
            "events": by_name(whole()),
            "meta": ref("Meta"),
        }
    ),
    "Result": told(
        {
            "results": rows(
                told(
                    {
                        "dimensions": rows(text()),
                        "metrics": rows(_NUMBER),
                        "percentages": rows(_NUMBER),
                        "comparison": nullable(
                            told(
                                {
                                    "dimensions": rows(text()),
                                    "metrics": rows(_NUMBER),
                                    "change": rows(_NUMBER),
                                }
                            )
                        ),
                    },
                    ("percentages", "comparison"),
                )
            ),
            "meta": told(_RESULT_META, ("total_rows", "time_labels", "partial")),
            "query": anything("The query with everything resolved."),
        }
    ),
}
_VALUES = told({"data": rows(told({"value": text(), "events": whole()})), "meta": ref("Meta")})
_PROPERTY_LIST = told(
    {
        "data": rows(
            told(
                {"event": text(), "key": text(), "events": whole(), "examples": rows(text())},
            )
        ),
        "meta": ref("Meta"),
    }
)
_REALTIME = told(
    {
        "activeUsers": whole(),
        "pageviewsLast5Min": whole(),
        "pages": rows(told({"path": text(), "activeUsers": whole()})),
        "perMinute": rows(whole(), minItems=30, maxItems=30),
        "openSessions": whole(),
        "meta": told(
            {
                "site": text(),
                "at": text(format="date-time"),
                "bots_excluded": flag(),
                "approximate": flag(),
            }
        ),
    }
)


_TICKET = told(
    {
        "ticket": text("Opens one WebSocket."),
        "url": text("Where that is.", examples=["wss://stats.example.com/live"]),
        "expires": text(format="date-time"),
    }
)


def _asked(
    name: str, summary: str, answer: Schema, *own: Schema, parameters: tuple[str, ...] = _PERIOD
) -> dict[str, Schema]:
    """A question that is asked by GET and answered as JSON or CSV."""
    return {
        "get": operation(
            name,
            summary,
            tag=_TAG,
            answer=json(answer) | CSV,
            failures=READS,
            parameters=[*own, *shared(*parameters)],
            security=READ_KEY,
        )
    }


PATHS: Paths = {
    "/metrics": _asked(
        "getMetrics",
        "Totals of a period, and how they changed",
        ref("Metrics"),
        query(
            "metrics",
            rows(_METRIC, minItems=1),
            f"Separated by commas. Default: {','.join(DEFAULT)}.",
        )
        | {"style": "form", "explode": False},
        parameters=(*_PERIOD, "compare"),
    ),
    "/timeseries": _asked(
        "getTimeseries",
        "One metric over time",
        ref("Timeseries"),
        query("interval", word(INTERVALS), "Default: day."),
        parameters=(*_PERIOD, "compare", "metric"),
    ),
    "/breakdown": _asked(
        "getBreakdown",
        "The greatest values of a dimension",
        ref("Breakdown"),
        query("limit", whole(1, 1_000), "Default: 10."),
        query("offset", whole(0, 1_000_000_000), "Default: 0."),
        parameters=(*_PERIOD, "compare", "metric", "dimension"),
    ),
    "/daily": _asked(
        "getDaily",
        "One day, with its events by name",
        ref("Daily"),
        query("date", text(pattern=r"^\d{4}-\d{2}-\d{2}$"), "Default: today."),
        parameters=("site", "timezone", "bots", "format"),
    ),
    "/values": _asked(
        "getValues",
        "The values of a dimension, for pickers of filters",
        _VALUES,
        query("search", text(), "What a value has to contain, in any case."),
        query("limit", whole(1, 1_000), "Default: 100."),
        parameters=(*_PERIOD, "dimension"),
    ),
    "/properties": _asked(
        "getProperties",
        "The keys of the properties of events",
        _PROPERTY_LIST,
        query("event", text(), "Only of events of this name."),
    ),
    "/query": {
        "post": operation(
            "query",
            "Any metrics by any dimensions, one question or many",
            tag=_TAG,
            answer=json(
                {
                    "anyOf": [
                        ref("Result"),
                        rows({"anyOf": [ref("Result"), told({"error": ref("Error")})]}),
                    ]
                }
            )
            | CSV,
            failures=WRITES,
            parameters=shared("site"),
            security=READ_KEY,
            body=json({"anyOf": [ref("Query"), rows(ref("Query"), maxItems=MOST_QUERIES)]}),
            about='In a list a query that fails answers {"error"} in its place.',
        )
    },
    "/realtime": {
        "get": operation(
            "getRealtime",
            "Who is there now",
            tag=_TAG,
            answer=json(_REALTIME),
            failures=READS,
            parameters=shared("site"),
            security=READ_KEY,
        )
    },
    "/realtime/ticket": {
        "post": operation(
            "watchRealtime",
            "A ticket for the WebSocket that pushes who is there now",
            tag=_TAG,
            answer=json(_TICKET),
            failures=(*WRITES, TooMany),
            parameters=shared("site"),
            security=READ_KEY,
            body=json(record({"site": nullable(text("Default: as of the parameter."))})),
            is_body_needed=False,
            about="It opens `url?ticket=…` once, within a minute. docs/api.md tells of the messages.",
        )
    },
}
