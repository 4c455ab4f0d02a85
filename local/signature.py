"""AWS Signature Version 4 as a server checks it: was this request signed with our key?

Only what a signed request without a query needs. The time of the signature is not looked at: the key is made
for one machine, and its clock signs and checks.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

_ALGORITHM = "AWS4-HMAC-SHA256"
_CREDENTIAL = re.compile(r"([^/,\s]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")


class SignatureRefused(Exception):
    """A request that is not signed with the key; `code` is AWS's word for what is wrong."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Signed:
    """What a right signature says besides: the region its client believes to be in."""

    region: str


def check(
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    access_key: str,
    secret_key: str,
) -> Signed:
    """Check the Authorization header of a request; `headers` have lower-case names, `path` is what is signed: without a
    query, each segment encoded once more than it is sent.

    Raises SignatureRefused.
    """
    fields = _authorization(headers.get("authorization", ""))
    credential = _CREDENTIAL.fullmatch(fields.get("Credential", ""))
    if credential is None or not fields.get("SignedHeaders") or not fields.get("Signature"):
        raise SignatureRefused("MissingAuthenticationToken", "The request is not signed.")
    given_key, day, region, service = credential.groups()
    if not hmac.compare_digest(given_key.encode(), access_key.encode()):
        raise SignatureRefused(
            "InvalidClientTokenId", "The security token in the request is invalid."
        )
    names = fields["SignedHeaders"].split(";")
    scope = f"{day}/{region}/{service}/aws4_request"
    canonical = "\n".join(
        (
            method,
            path,
            "",
            *(f"{name}:{' '.join(headers.get(name, '').split())}" for name in names),
            "",
            fields["SignedHeaders"],
            hashlib.sha256(body).hexdigest(),
        )
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join((_ALGORITHM, headers.get("x-amz-date", ""), scope, digest))
    key = b"AWS4" + secret_key.encode()
    for part in (*scope.split("/"), text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    if "host" not in names or not hmac.compare_digest(key.hex(), fields["Signature"]):
        raise SignatureRefused(
            "SignatureDoesNotMatch", "The signature does not match: the secret key is another one."
        )
    return Signed(region)


def _authorization(header: str) -> dict[str, str]:
    algorithm, _, rest = header.partition(" ")
    if algorithm != _ALGORITHM:
        return {}
    pairs = (part.strip().partition("=") for part in rest.split(","))
    return {name: value for name, _, value in pairs}
