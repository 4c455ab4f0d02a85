"""The secret of the first site's keys: made once, completed where something is missing.

    {"site": "default", "write_key": "ffw_default_…", "api_key": "ffa_…", "api_key_version": 1,
     "origin_key": "…", "path_prefix": "…", "may_drop": true}

The functions are told the write key, which is public, and digests of the others. `may_drop` is no key: whether this
stack may drop the store's tables when it is deleted. It lies here since it has to go with the stack.
"""

import json
import secrets
import uuid
from typing import Any

from footfall.aws import Aws, AwsError
from footfall.keys import digest, make_key
from footfall.setup.failed import SetupFailed


def keep(
    site_id: str, version: int, secret_arn: str, manager: Aws, *, may_drop: bool = False
) -> dict[str, str]:
    """The attributes that the template reads, of keys that are in the secret by then.

    A higher `version` than the secret's replaces the API key and the key of the origin. `may_drop` is remembered for
    good. Raises SetupFailed, also when the secret is another site's.
    """
    held = _read(secret_arn, manager)
    keys = completed(held, site_id, version)
    if may_drop:
        keys["may_drop"] = True
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
        "OriginKeyMark": digest(keys["origin_key"])[:8],
        "PathPrefix": keys["path_prefix"],
        "KeysSecretArn": secret_arn,
    }


def may_drop(secret_arn: str, manager: Aws) -> bool:
    """Whether the secret says that the store's tables may go; not, where it is gone. Raises SetupFailed."""
    return _read(secret_arn, manager).get("may_drop") is True


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
        keys["origin_key"] = secrets.token_hex(24)
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
