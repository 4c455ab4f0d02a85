"""`footfall import`: access logs, JSON lines and CSV become events, sent in batches that may be repeated safely.

source    a file, plain or gzip, as lines
formats   lines → records: an item to send, a line skipped for a reason, a line nobody can read
ids       the event id of a line: its bytes, and its ordinal among equal lines
batches   items → request bodies
delivery  request bodies → the server, a few at a time, again until they are in
tally     what became of every line
run       the command
"""
