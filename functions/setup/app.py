"""Invoked by CloudFormation in every deployment, before new code serves: tables, first site, keys and pages.

`make migrate` invokes it too, without a request of CloudFormation: then the data model moves forward and nothing else.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from footfall import deadline, telemetry, wiring
from footfall.admin.sites import change_site
from footfall.keys import Access
from footfall.migrate import drop, migrate, migrations
from footfall.salts import destroy_all
from footfall.setup import cloudformation, keys, pages, removal

PAGES = Path("/opt/pages")
"""Where the layer has them."""
OWNER = Access("admin", None)


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Do what CloudFormation asks and answer it; without a request of its, migrate."""
    with telemetry.invocation("setup", context), deadline.within(context):
        if "RequestType" not in event:
            return {"applied": migrated()}
        return cloudformation.respond(event, context, WORK, cloudformation.put)


def deployed(event: Mapping[str, Any]) -> dict[str, str]:
    """Bring everything to where this version wants it; once more changes nothing. The attributes of the resource."""
    asked, before = event["ResourceProperties"], event.get("OldResourceProperties", {})
    applied = migrated()
    told = wiring.settings()
    # A first deployment that goes back is deleted like a stack of years: tables that it found are not its own. Once it
    # stands, its owner may ask for them too.
    is_first = event["RequestType"] == "Create"
    made = keys.keep(
        told.site_id,
        int(asked["ApiKeyVersion"]),
        told.keys_secret_arn,
        wiring.secrets_manager(),
        may_drop=applied == migrations() if is_first else asked.get("WhenDeleted") == "delete",
    )
    tell_site(asked["Site"], before.get("Site"))
    if asked["Bucket"]:
        pages.upload(PAGES, asked["Bucket"], wiring.aws_client("s3"))
    return made


def removed(event: Mapping[str, Any]) -> dict[str, str]:
    """Leave what CloudFormation cannot delete by itself, no salts, and no data where that was asked for."""
    asked = event["ResourceProperties"]
    if asked.get("Bucket"):
        pages.empty(asked["Bucket"], wiring.aws_client("s3"))
    if not cloudformation.was_made(event):
        # Nothing ran on it, and the settings with which it could not be made cannot be read now either.
        return {}
    destroy_all(wiring.vault(), now_ms())
    if asked.get("WhenDeleted") == "delete":
        told = wiring.settings()
        removal.delete_queues(
            [told.event_queue_url, told.dead_letter_queue_url], wiring.aws_client("sqs")
        )
        if keys.may_drop(told.keys_secret_arn, wiring.secrets_manager()):
            drop(wiring.store())
        removal.delete_secrets(asked.get("Secrets", []), wiring.secrets_manager())
    return {}


def migrated() -> list[str]:
    """The migrations that were applied."""
    return migrate(wiring.store(), replicated=wiring.settings().store_replicated)


def tell_site(told: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
    """Make the first site as the parameters say, or change what they say otherwise than in the last deployment.

    What was changed by `footfall sites set` since stays, unless its parameter changes too.
    """
    registry = wiring.registry()
    found = registry.all().read.get(registry.default.site.id)
    body = site_body(told)
    if found is not None and found.site is not None:
        last = site_body(before or told)
        body = {name: value for name, value in body.items() if value != last[name]}
    if body:
        change_site(registry.default.site.id, body, OWNER, now_ms(), registry, wiring.store())


def site_body(told: Mapping[str, Any]) -> dict[str, Any]:
    """What CloudFormation says of a site, where everything is a text, as a request to change one says it."""
    return {
        "name": told["name"],
        "domains": [host.strip() for host in told["domains"] if host.strip()],
        "timezone": told["timezone"],
        "settings": {
            "back_dating_days": int(told["back_dating_days"]),
            "retention_days": int(told["retention_days"]),
        },
    }


def now_ms() -> int:
    """The moment."""
    return time.time_ns() // 1_000_000


WORK: dict[str, cloudformation.Work] = {"Create": deployed, "Update": deployed, "Delete": removed}
