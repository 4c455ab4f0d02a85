"""Stage 2: queue messages become rows of the store.

batch.py       the public function: one insert a batch, links, copies settled, unreadable messages buried
row.py         an event becomes a row: what it knows of browser, bot, source and channel
referrer.py source.py channel.py    one fact each
"""
