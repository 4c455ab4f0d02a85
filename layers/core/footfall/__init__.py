"""Footfall: the way of one event, from a request to a number.

    collect    a request becomes events: validated, given an actor and a place; queued, then counted live
    ingest     queue messages become rows: browser, bot, source, channel; one insert a batch, copies settled
    rollup     on a schedule, over what arrived since the last run
    query      a question becomes SQL, the rows become a report: metrics, timeseries, breakdown, daily
    realtime   the last minutes, from the live counters
    privacy    a person is erased or shown; what is too old is forgotten
    migrate    the numbered files of sql/migrations, each applied once

The three engines are `counters` (Valkey), `event_queue` (SQS) and `store` (ClickHouse); nothing else speaks to them,
stages get them as arguments, and only `wiring` builds them. `api` is the only module that knows HTTP.
"""

__version__ = "0.1.0"
