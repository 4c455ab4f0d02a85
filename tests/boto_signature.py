"""How boto3 signs a POST at a given moment: what our own signatures are held against."""

from collections.abc import Mapping
from datetime import datetime

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from footfall.aws import Credentials

EXAMPLE = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG", "")


def signed_headers(
    url: str,
    headers: dict[str, str],
    body: bytes,
    credentials: Credentials,
    service: str,
    now: datetime,
) -> Mapping[str, str]:
    """The headers of a POST to a service in eu-central-1, signed."""

    class Fixed(SigV4Auth):
        def add_auth(self, request: AWSRequest) -> None:
            request.context["timestamp"] = now.strftime("%Y%m%dT%H%M%SZ")
            self._modify_request_before_signing(request)
            canonical = self.canonical_request(request)
            signature = self.signature(self.string_to_sign(request, canonical), request)
            self._inject_signature_to_request(request, signature)

    request = AWSRequest("POST", url, headers, body)
    key, secret, token = credentials
    Fixed(BotoCredentials(key, secret, token or None), service, "eu-central-1").add_auth(request)
    return dict(request.headers)
