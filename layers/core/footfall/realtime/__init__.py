"""The last minutes of a site, from the live counters.

live.py    GET /realtime
"""
