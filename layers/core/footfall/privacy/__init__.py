"""The fifth stage: what is kept about a person is shown or erased on request, and what is too old is forgotten.

erase      DELETE /visitors/{id}: a person leaves the store and the counters; the answer is a receipt
export     GET /visitors/{id}/export: everything that is kept about a person, in pages
retention  once a day: events beyond a site's horizon leave the store
"""
