"""`make rehearse`: what was built is packaged, uploaded, deployed twice and deleted by SAM, in an AWS of moto's.

It shows that packaging, translation, parameters, roles and the wiring of the queue hold together. What moto's
CloudFormation does not know is left out and named; tests/deploy holds those resources by rules.
"""

import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests import translated  # noqa: E402 - found only now
from tests.deploy.reduced import reduced  # noqa: E402

SAM = ROOT / ".venv-sam" / "bin" / "sam"
BUCKET = "artifacts"
REGION = "eu-central-1"


def main() -> int:
    """Rehearse; the exit status."""
    if not (ROOT / ".aws-sam" / "build" / "template.yaml").is_file():
        raise SystemExit("nothing is built: make build")
    logging.disable(logging.WARNING)
    began = time.monotonic()
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    # moto takes a bucket from the name of the host, and an address is none.
    endpoint = f"http://localhost:{port}"
    try:
        with tempfile.TemporaryDirectory() as name:
            rehearse(endpoint, Path(name))
    finally:
        server.stop()
    print(f"rehearsal: deployed, deployed again, deleted ({time.monotonic() - began:.0f} s)")
    return 0


def rehearse(endpoint: str, folder: Path) -> None:
    """All steps of a deployment."""

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id="x",
            aws_secret_access_key="x",
        )

    client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    packaged, flat = folder / "packaged.yaml", folder / "flat.json"
    sam(endpoint, "package", "--s3-bucket", BUCKET, "--output-template-file", str(packaged))
    uploaded = client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    print(f"uploaded  {len(uploaded)} files, {sum(o['Size'] for o in uploaded) / 1e6:.1f} MB")

    stack = translated.resolved(yaml_parse(packaged.read_text()), {"StorePassword": "hunter2"})
    template, left_out = reduced(stack)
    flat.write_text(json.dumps(template))
    made, all_of_them = len(template["Resources"]), len(stack["Resources"])
    print(
        f"made      {made} of {all_of_them} resources; moto knows no {', '.join(sorted(left_out))}"
    )

    deploy = (
        "deploy", "--template-file", str(flat), "--stack-name", "footfall", "--s3-bucket", BUCKET,
        "--no-resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset",
        "--no-fail-on-empty-changeset",
    )  # fmt: skip
    said = sam(endpoint, *deploy)
    if "Successfully created/updated stack" not in said:
        raise SystemExit(f"not deployed:\n{said}")
    functions = client("lambda").list_functions()["Functions"]
    words = sorted(path.name for path in (ROOT / "functions").iterdir() if path.is_dir())
    found = sorted(
        match[1].lower()
        for each in functions
        if (match := re.search(r"footfall-(\w+?)Function", each["FunctionName"]))
    )
    if found != words or not all(each["CodeSize"] for each in functions):
        raise SystemExit(f"functions are {found}, not {words}")
    layers = client("lambda").list_layers()["Layers"]
    print(f"deployed  {len(functions)} functions, {len(layers)} layers")

    said = sam(endpoint, *deploy)
    if "No changes to deploy" not in said:
        raise SystemExit(f"the same again changes something:\n{said}")
    sam(endpoint, "delete", "--stack-name", "footfall", "--no-prompts", "--region", REGION)
    if client("lambda").list_functions()["Functions"]:
        raise SystemExit("functions are left")


def sam(endpoint: str, *arguments: str) -> str:
    """What SAM says. Stops when it fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environ = kept | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
        # It asks every half minute otherwise.
        "SAM_CLI_POLL_DELAY": "1",
    }
    done = subprocess.run(
        [SAM, *arguments], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"sam {arguments[0]} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main())
