"""Stage 4: a question becomes SQL, the rows become a report.

catalog.py     METRICS and DIMENSIONS: everything one can ask for
period.py      all arithmetic of dates, zones, intervals and previous periods
filters.py     the closed grammar of filters
question.py    the parameters of a request, checked: Question
parse.py       the JSON of POST /query, checked: Query
people.py      who is one person: the alias chains
read.py        where numbers are read from: rollups, the events themselves or both
raw.py         a question becomes one statement over the events themselves
reads.py       what one request reads, each thing once
compare.py     change(current, previous): the only place that divides by another period
metrics.py timeseries.py breakdown.py daily.py query.py values.py properties.py      one capability each
meta.py        what every answer says about itself
"""
