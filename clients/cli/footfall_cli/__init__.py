"""`footfall`, the command line: imports access logs, sends events and shows numbers, all over HTTP.

It imports nothing of the product; what it may rely on is docs/api.md.
"""

__version__ = "0.1.0"
