"""What a deployment does besides code: the first keys, the pages, and what is left when it ends.

cloudformation.py  a custom resource's request is answered, whatever happens
failed.py          how setup itself fails
keys.py            the secret with the first site's keys
pages.py           the dashboard and the tracker, into their bucket
removal.py         what goes with the stack
"""
