"""Stage 2: queue messages become rows of the store.

batch.py       the public function: one insert a batch, links, copies settled, unreadable messages buried
steps.py       STEPS: the ordered list of what makes a row out of an event; row.py runs it
referrer.py source.py channel.py    one fact each
"""
