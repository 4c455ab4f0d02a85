"""The APIs of others that collect speaks: each module translates its requests into events of ours, and no more.

translation.py  what a dialect is told of a request and what it makes of it; times as others write them
segment.py      Segment's HTTP tracking API, which RudderStack's SDKs speak too
plausible.py    Plausible's event API
umami.py        Umami's send and batch
pixel.py        a picture whose address says what was seen
spoken.py       DIALECTS, the registry by route; the way of a request through its dialect into accept.py
"""
