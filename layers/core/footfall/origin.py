"""Whether a request came through the CDN in front of the API: only with the secret that the two share.

Anybody can send any header to the API's own address. CloudFront is told to add `X-Footfall-Origin` with a secret to
what it passes on, of which only the SHA-256 is kept here; a request without it is an ordinary one.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html
"""

import hashlib
import hmac
from collections.abc import Mapping


def is_from_front(headers: Mapping[str, str], key_sha256: str) -> bool:
    """Whether a request shows the secret. Names of headers are in lower case."""
    shown = headers.get("x-footfall-origin", "")
    if not shown:
        return False
    digest = hashlib.sha256(shown.encode("utf-8", "replace")).hexdigest()
    return hmac.compare_digest(digest, key_sha256)
