"""The secret of the first site's keys: made once, completed where something is missing.

    {"site": "default", "write_key": "ffw_default_…", "api_key": "ffa_…", "api_key_version": 1,
     "origin_key": "…", "path_prefix": "…"}

The functions are told the write key, which is public, and digests of the others.
"""

import json
import secrets
import uuid
from typing import Any

from footfall.aws import Aws, AwsError
from footfall.keys import digest, make_key
from footfall.setup.failed import SetupFailed


def keep(site_id: str, version: int, secret_arn: str, manager: Aws) -> dict[str, str]:
    """The attributes that the template reads, of keys that are in the secret by then.

    A higher `version` than the secret's replaces the API key. Raises SetupFailed, also when the secret is another
    site's.
    """
    held = _read(secret_arn, manager)
    keys = completed(held, site_id, version)
    if keys != held:
        try:
            manager.call(
                "PutSecretValue",
                {
                    "SecretId": secret_arn,
                    "SecretString": json.dumps(keys),
                    "ClientRequestToken": str(uuid.uuid4()),
                },
            )
        except AwsError as error:
            raise _silent() from error
    return {
        "WriteKey": keys["write_key"],
        "ApiKeySha256": digest(keys["api_key"]),
        "OriginKeySha256": digest(keys["origin_key"]),
        "PathPrefix": keys["path_prefix"],
        "KeysSecretArn": secret_arn,
    }


def completed(held: dict[str, Any], site_id: str, version: int) -> dict[str, Any]:
    """What the secret holds, with what it does not yet. Raises SetupFailed when it is another site's."""
    if held.get("site", site_id) != site_id:
        raise SetupFailed(
            "site",
            f"SiteId is {held['site']} and cannot be changed; add a site with `footfall sites add`.",
        )
    keys = {
        "site": site_id,
        "write_key": held.get("write_key") or make_key("write", site_id),
        "api_key": held.get("api_key") or make_key("admin", ""),
        "api_key_version": max(version, held.get("api_key_version", version)),
        "origin_key": held.get("origin_key") or secrets.token_hex(24),
        "path_prefix": held.get("path_prefix") or secrets.token_hex(5),
    }
    if version > held.get("api_key_version", version):
        keys["api_key"] = make_key("admin", "")
    return {**held, **keys}


def _read(secret_arn: str, manager: Aws) -> dict[str, Any]:
    """What the secret holds; {} where it has no value yet."""
    try:
        text = manager.call("GetSecretValue", {"SecretId": secret_arn})["SecretString"]
        held = json.loads(text)
    except AwsError as error:
        if error.kind == "ResourceNotFoundException":
            return {}
        raise _silent() from error
    except ValueError:
        held = None
    if not isinstance(held, dict):
        raise SetupFailed("keys", "The secret with the keys holds no JSON object; mend it.")
    return held


def _silent() -> SetupFailed:
    return SetupFailed("keys", "Secrets Manager does not give or take the keys.")
