"""The contract as one OpenAPI 3.1 document, which GET /openapi.json answers. docs/api.md says the same to people.

Lists, limits and statuses are taken from where they are decided (METRICS, DIMENSIONS, SETTINGS, errors.py, …), and
tests hold the rest to account: tests/house/test_openapi.py against ROUTES and the docs, tests/functions/test_openapi.py
by sending what the document allows and comparing what is answered.

document.py    puts the parts together
examples.py    an example of every operation, recorded
page.py        the document as a page for people
schema.py      the few words of JSON Schema and OpenAPI that the parts are written in
collecting.py  our own collect routes, health and this document
dialects.py    the APIs of others
reading.py     questions and their answers
keeping.py     visitors, rollups, sites, keys, rejects: what takes the scope `admin`
"""
