"""The doorway of setup, as CloudFormation opens it: a store, and Secrets Manager, S3 and SQS of moto over HTTP."""

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from footfall import wiring
from footfall.errors import FootfallError, Unavailable
from footfall.keys import digest
from footfall.migrate import migrate, migrations
from footfall.salts import keep_salts
from footfall.setup import cloudformation
from footfall.store import Store
from tests.builders import doorway

EVENTS = Path(__file__).parents[2] / "events"
NOW_MS = 1_772_445_600_000
BUCKET = "pages"


class Context:
    """What Lambda tells of an invocation."""

    aws_request_id = "3c9f1c38"

    def __init__(self, left_ms: int = 900_000) -> None:
        self._left_ms = left_ms

    def get_remaining_time_in_millis(self) -> int:
        return self._left_ms


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of all of moto's services."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@cache
def _client(service: str, endpoint: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="eu-central-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture
def aws(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Clients of an empty account."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": endpoint,
    }.items():
        monkeypatch.setenv(name, value)
    # Sessions remember an environment: each test has its own.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    urllib.request.urlopen(f"{endpoint}/moto-api/reset", b"", timeout=10).close()
    return lambda service: _client(service, endpoint)


@pytest.fixture
def setup(
    aws: Callable[[str], Any],
    empty_store: Store,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Any:
    """The module of the function, told what the template tells it."""
    secret = aws("secretsmanager").create_secret(Name="KeysSecret")["ARN"]
    aws("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    queues = [aws("sqs").create_queue(QueueName=name)["QueueUrl"] for name in ("events", "dead")]
    for name, value in {
        "STORE_URL": "chdb://memory/some",
        "KEYS_SECRET_ARN": secret,
        "EVENT_QUEUE_URL": queues[0],
        "DEAD_LETTER_QUEUE_URL": queues[1],
        "SALTS_VAULT": "footfall/salts",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wiring, "store", cache(lambda: empty_store))
    module = doorway("setup")
    pages = tmp_path / "pages"
    (pages / "assets").mkdir(parents=True)
    for name in ("index.html", "f.js", "assets/app-1a2b.js"):
        (pages / name).write_text(name)
    monkeypatch.setattr(module, "PAGES", pages)
    return module


@pytest.fixture
def answers() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An address at which CloudFormation waits, and what came there."""
    came: list[dict[str, Any]] = []

    class Bucket(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            assert not self.headers["Content-Type"]
            came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Bucket)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/answer", came
    server.shutdown()
    server.server_close()


@pytest.fixture
def ask(setup: Any, answers: tuple[str, list[dict[str, Any]]]) -> Callable[..., dict[str, Any]]:
    """Send a sample event with other properties; what CloudFormation got."""
    url, came = answers

    def send(
        kind: str,
        *,
        context: Any = None,
        site: Any = None,
        physical_id: str = "Setup",
        **properties: Any,
    ) -> dict[str, Any]:
        event = json.loads((EVENTS / f"setup-{kind}.json").read_text())
        event["ResponseURL"] = url
        if "PhysicalResourceId" in event:
            event["PhysicalResourceId"] = physical_id
        event["ResourceProperties"] |= {"Bucket": BUCKET, **properties}
        event["ResourceProperties"]["Site"] |= site or {}
        setup.lambda_handler(event, context or Context())
        (answer,) = came
        came.clear()
        return answer

    return send


def held(aws: Callable[[str], Any]) -> dict[str, Any]:
    """The keys in their secret."""
    text = aws("secretsmanager").get_secret_value(SecretId="KeysSecret")["SecretString"]
    found: dict[str, Any] = json.loads(text)
    return found


def rows(store: Store) -> dict[str, Any]:
    """The first site as it is in the store."""
    wiring.reset()
    found = wiring.registry().all().read["default"].site
    assert found is not None
    return found.values()


def test_a_first_deployment_migrates_and_makes_site_keys_and_pages(
    ask: Any, aws: Any, empty_store: Store
):
    answer = ask("create")

    keys = held(aws)
    assert answer["Status"] == "SUCCESS"
    assert answer["Data"] == {
        "WriteKey": keys["write_key"],
        "ApiKeySha256": digest(keys["api_key"]),
        "OriginKeySha256": digest(keys["origin_key"]),
        "OriginKeyMark": digest(keys["origin_key"])[:8],
        "PathPrefix": keys["path_prefix"],
        "KeysSecretArn": wiring.settings().keys_secret_arn,
    }
    assert keys["write_key"].startswith("ffw_default_")
    assert keys["api_key"].startswith("ffa_")
    assert len(empty_store.select("queries/migrations", {}).rows) == len(migrations())
    site = rows(empty_store)
    assert (site["name"], site["domains"], site["timezone"]) == (
        "My site", ("example.com",), "Europe/Berlin",
    )  # fmt: skip
    found = aws("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert {each["Key"] for each in found} == {"index.html", "f.js", "assets/app-1a2b.js"}


def test_the_answer_names_what_it_answers(ask: Any):
    answer = ask("create")

    asked = json.loads((EVENTS / "setup-create.json").read_text())
    for name in ("StackId", "RequestId", "LogicalResourceId"):
        assert answer[name] == asked[name]
    assert answer["PhysicalResourceId"] == "Setup"


def test_an_upgrade_keeps_keys_and_what_was_set_since(ask: Any, aws: Any, empty_store: Store):
    ask("create")
    before = held(aws)
    wiring.reset()
    setup = doorway("setup")
    setup.change_site(
        "default", {"timezone": "Asia/Tokyo"}, setup.OWNER, NOW_MS, wiring.registry(), empty_store
    )

    answer = ask("update")

    assert answer["Status"] == "SUCCESS"
    assert held(aws) == before
    assert answer["PhysicalResourceId"] == "Setup"
    assert rows(empty_store)["timezone"] == "Asia/Tokyo"


def test_a_changed_parameter_of_the_site_is_applied(ask: Any, empty_store: Store):
    ask("create")

    answer = ask("update", site={"retention_days": "90"})

    assert answer["Status"] == "SUCCESS"
    site = rows(empty_store)
    assert (site["retention_days"], site["timezone"]) == (90, "Europe/Berlin")


def test_a_higher_version_replaces_the_api_key_and_the_origins_and_nothing_else(ask: Any, aws: Any):
    ask("create")
    before = held(aws)

    answer = ask("update", ApiKeyVersion="2")
    once = held(aws)
    ask("update", ApiKeyVersion="2")

    assert once["api_key"] != before["api_key"]
    assert once["origin_key"] != before["origin_key"]
    assert answer["Data"]["ApiKeySha256"] == digest(once["api_key"])
    assert answer["Data"]["OriginKeySha256"].startswith(answer["Data"]["OriginKeyMark"])
    assert held(aws) == once
    same = {"write_key", "path_prefix", "site"}
    assert {name: once[name] for name in same} == {name: before[name] for name in same}


def test_old_keys_go_on_in_a_new_stack(ask: Any, aws: Any):
    old = {
        "site": "default", "write_key": "ffw_default_old", "api_key": "ffa_old", "api_key_version": 2,
        "origin_key": "old", "path_prefix": "0ld",
    }  # fmt: skip
    ask("create")
    aws("secretsmanager").put_secret_value(SecretId="KeysSecret", SecretString=json.dumps(old))

    answer = ask("update", ApiKeyVersion="2")

    assert held(aws) == old
    assert answer["Data"]["WriteKey"] == "ffw_default_old"
    assert answer["Data"]["ApiKeySha256"] == digest("ffa_old")


def test_another_site_id_is_refused_and_says_what_to_do(
    ask: Any, aws: Any, monkeypatch: pytest.MonkeyPatch
):
    ask("create")
    monkeypatch.setenv("SITE_ID", "other")
    wiring.reset()

    answer = ask("update")

    assert answer["Status"] == "FAILED"
    assert "footfall sites add" in answer["Reason"]


def test_an_unknown_zone_fails_the_deployment_with_the_reason(ask: Any):
    answer = ask("create", site={"timezone": "Europe/Bonn"})

    assert answer["Status"] == "FAILED"
    assert "There is no such time zone" in answer["Reason"]


def test_a_store_that_does_not_answer_fails_the_deployment_without_credentials_in_the_reason(
    ask: Any, monkeypatch: pytest.MonkeyPatch
):
    @cache
    def silent() -> Store:
        cause = OSError("cannot reach https://footfall:hunter2@store:8443")
        raise Unavailable("store_unavailable", "The store does not answer.") from cause

    monkeypatch.setattr(wiring, "store", silent)

    answer = ask("create")

    assert answer["Status"] == "FAILED"
    assert "The store does not answer." in answer["Reason"]
    assert "cannot reach https://store:8443" in answer["Reason"]
    assert "hunter2" not in answer["Reason"]


def test_work_that_outlasts_the_function_is_answered_before_its_end(
    ask: Any, setup: Any, monkeypatch: pytest.MonkeyPatch
):
    ends = threading.Event()
    monkeypatch.setattr(setup, "migrated", ends.wait)
    monkeypatch.setattr(cloudformation, "KEPT_BACK_SECONDS", 0.0)

    answer = ask("create", context=Context(left_ms=700))

    ends.set()
    assert answer["Status"] == "FAILED"
    assert "deploy again" in answer["Reason"]


def test_an_answer_that_is_not_taken_at_once_is_sent_again():
    tries = []

    class Bucket(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            tries.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200 if len(tries) == 3 else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Bucket)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    cloudformation.put(f"http://127.0.0.1:{server.server_port}/", b"{}")

    server.shutdown()
    server.server_close()
    assert tries == [b"{}"] * 3


def test_a_deleted_stack_keeps_data_and_destroys_pages_and_salts(
    ask: Any, aws: Any, empty_store: Store, setup: Any, counters: Any
):
    ask("create")
    wiring.reset()
    keep_salts(wiring.vault(), counters, setup.now_ms())

    answer = ask("delete")

    assert answer["Status"] == "SUCCESS"
    assert "Contents" not in aws("s3").list_objects_v2(Bucket=BUCKET)
    names = [each["Name"] for each in aws("secretsmanager").list_secrets()["SecretList"]]
    assert names == ["KeysSecret"]
    assert len(aws("sqs").list_queues()["QueueUrls"]) == 2
    assert rows(empty_store)["name"] == "My site"


def test_a_deleted_stack_deletes_everything_where_that_was_asked_for(
    ask: Any, aws: Any, empty_store: Store
):
    ask("create")
    empty_store.execute("CREATE TABLE somebody_elses (x UInt8) ENGINE = MergeTree ORDER BY x")
    secret = wiring.settings().keys_secret_arn

    answer = ask("delete", WhenDeleted="delete", Secrets=[secret])
    again = ask("delete", WhenDeleted="delete", Secrets=[secret])

    assert answer["Status"] == again["Status"] == "SUCCESS"
    assert aws("secretsmanager").list_secrets()["SecretList"] == []
    assert "QueueUrls" not in aws("sqs").list_queues()
    empty_store.execute("SELECT count() FROM somebody_elses")
    for table in ("events", "sites", "schema_migrations"):
        with pytest.raises(FootfallError):
            empty_store.execute(f"SELECT count() FROM {table}")


def test_what_a_setting_kept_from_being_made_can_be_deleted_under_the_same_setting(
    ask: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("RETENTION_DAYS", "10")
    wiring.reset()
    failed = ask("create")

    gone = ask("delete", physical_id=failed["PhysicalResourceId"], WhenDeleted="delete")

    assert failed["Status"] == "FAILED"
    assert gone["Status"] == "SUCCESS"


@pytest.mark.parametrize("physical_id", [None, "footfall-Setup-1ABC"])
def test_a_first_deployment_that_goes_back_leaves_tables_that_it_found(
    ask: Any, empty_store: Store, physical_id: str | None
):
    migrate(empty_store)
    made = ask("create", WhenDeleted="delete")

    gone = ask(
        "delete", physical_id=physical_id or made["PhysicalResourceId"], WhenDeleted="delete"
    )

    assert gone["Status"] == "SUCCESS"
    empty_store.execute("SELECT count() FROM events")


def test_tables_that_were_found_go_where_that_was_asked_for_once_the_stack_stood(
    ask: Any, empty_store: Store
):
    migrate(empty_store)
    ask("create")
    ask("update", WhenDeleted="delete")

    ask("delete", WhenDeleted="delete")

    with pytest.raises(FootfallError):
        empty_store.execute("SELECT count() FROM events")


def test_a_stack_whose_first_deployment_failed_can_be_deleted(ask: Any, aws: Any):
    aws("s3").delete_bucket(Bucket=BUCKET)

    assert ask("delete")["Status"] == "SUCCESS"


def test_pages_are_kept_as_long_as_their_names_allow(ask: Any, aws: Any):
    ask("create")

    def head(name: str) -> tuple[str, str]:
        found = aws("s3").head_object(Bucket=BUCKET, Key=name)
        return found["ContentType"], found["CacheControl"]

    assert head("index.html") == ("text/html; charset=utf-8", "no-cache")
    assert head("f.js")[1].startswith("public, max-age=86400")
    assert "immutable" in head("assets/app-1a2b.js")[1]


def test_pages_of_the_version_before_go_and_assets_that_a_browser_may_still_want_stay(
    ask: Any, aws: Any, setup: Any
):
    ask("create")
    (setup.PAGES / "f.js").unlink()
    (setup.PAGES / "assets" / "app-1a2b.js").rename(setup.PAGES / "assets" / "app-3c4d.js")

    ask("update")

    found = {each["Key"] for each in aws("s3").list_objects_v2(Bucket=BUCKET)["Contents"]}
    assert found == {"index.html", "assets/app-1a2b.js", "assets/app-3c4d.js"}


def test_invoked_by_hand_it_migrates_and_answers_what_it_applied(setup: Any):
    event = json.loads((EVENTS / "setup-migrate.json").read_text())

    assert setup.lambda_handler(event, Context()) == {"applied": migrations()}
    assert setup.lambda_handler(event, Context()) == {"applied": []}
