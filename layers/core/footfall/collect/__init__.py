"""Stage 1: a request becomes events on the queue.

accept.py      the public functions: one event, a batch, an import; queue first, then count
steps.py       STEPS and VISITOR_STEPS: the ordered lists of what makes an event out of an item
ordinary.py    the same steps by column, for the many events of a request that are like each other
identity.py    ids of the client, guarded ids, the cookieless id and its salts
timing.py      the time of an event
page.py        page, hostname, title, referrer and campaign of an event
health.py      whether events can be accepted, and what waits
"""
