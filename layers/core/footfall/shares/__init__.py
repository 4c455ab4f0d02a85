"""What whoever has a shared link may ask before they read.

session.py    POST /shares/{share_id}/session
"""
