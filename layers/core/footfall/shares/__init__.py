"""What whoever has a shared link gets before they read.

page.py       GET /share/{share_id}
session.py    POST /shares/{share_id}/session
"""
