"""`footfall login`: address and keys of a deployed stack, from its outputs and its secret, into the user's config file,
so that every other command knows them.

AWS is asked with the credentials of the shell through whichever is there: the `aws` command, else boto3. Neither is
something that this command line needs for anything else.
"""

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from footfall_cli.errors import Unreachable, UsageError
from footfall_cli.parameters import Option
from footfall_cli.target import Target

_SECONDS = 60
Ask = Callable[[str, str, Mapping[str, str]], Any]
"""A service, an action and its parameters, in the words of the `aws` command; the answer."""


def login(
    target: Target,
    stack: Annotated[str, Option("--stack", "The CloudFormation stack.", metavar="NAME")],
    region: Annotated[str | None, Option("--region", "Its region; else the shell's.")] = None,
    profile: Annotated[str | None, Option("--profile", "A profile of the aws command.")] = None,
) -> None:
    """Get the address and the keys of a deployed stack, and keep them.

    Asks AWS with the credentials of the shell and writes the user's config file.
    """
    found = ask_stack(stack, asker(region, profile))
    path = config_path(os.environ, Path.home())
    write(path, found)
    if target.as_json:
        print(json.dumps({"url": found["url"], "site": found["site"], "config": str(path)}))
    else:
        print(f"logged in to {found['url']} as an administrator of {found['site']}; kept in {path}")


def ask_stack(stack: str, ask: Ask) -> dict[str, str]:
    """`url`, `site`, `api_key` and `write_key` of a stack.

    Raises UsageError for a stack that is none of Footfall's, Unreachable when AWS does not tell.
    """
    told = ask("cloudformation", "describe-stacks", {"stack-name": stack})
    described = told["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}
    missing = [name for name in ("ApiUrl", "ApiKeySecretArn") if name not in outputs]
    if missing:
        state = described.get("StackStatus", "")
        raise UsageError(
            f"the stack {stack} ({state}) has no output {' and '.join(missing)}: it is no Footfall, or not ready"
        )
    secret = ask(
        "secretsmanager", "get-secret-value", {"secret-id": outputs["ApiKeySecretArn"]}
    ).get("SecretString", "")
    try:
        keys = json.loads(secret)
        found = {name: str(keys[name]) for name in ("site", "api_key", "write_key")}
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"the secret of the stack {stack} does not hold the keys") from None
    return {"url": outputs["ApiUrl"].rstrip("/"), **found}


def config_path(environ: Mapping[str, str], home: Path) -> Path:
    """The user's config file."""
    return Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "footfall" / "config.json"


def write(path: Path, found: Mapping[str, str]) -> None:
    """Keep settings in a file that only its owner may read. Raises UsageError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(dict(found), file, indent=2)
            file.write("\n")
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise UsageError(f"{path} cannot be written ({error.strerror})") from None


def asker(region: str | None, profile: str | None) -> Ask:
    """Who asks AWS. Raises UsageError where nobody can."""
    command = _command()
    if command:
        return lambda *asked: _by_command(command, region, profile, *asked)
    try:
        import boto3
    except ImportError:
        raise UsageError(
            "AWS is asked by the aws command or by boto3, and neither is here: "
            "https://aws.amazon.com/cli/, or pip install boto3"
        ) from None
    return lambda *asked: _by_boto3(boto3, region, profile, *asked)


def _command() -> str | None:
    """The `aws` command, if it works: a version manager may leave one behind that does not."""
    from shutil import which

    command = which("aws")
    if command is None:
        return None
    try:
        tried = subprocess.run(
            [command, "--version"], capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return command if tried.returncode == 0 else None


def _by_command(
    command: str,
    region: str | None,
    profile: str | None,
    service: str,
    action: str,
    parameters: Mapping[str, str],
) -> Any:
    told = [part for name, value in parameters.items() for part in (f"--{name}", value)]
    told += ["--region", region] if region else []
    told += ["--profile", profile] if profile else []
    try:
        done = subprocess.run(
            [command, service, action, *told, "--output", "json"],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unreachable(f"aws {service} {action}: {error}") from None
    if done.returncode:
        raise _failure(service, done.stderr.strip().replace("\n", " "))
    return json.loads(done.stdout)


def _by_boto3(
    boto3: Any,
    region: str | None,
    profile: str | None,
    service: str,
    action: str,
    parameters: Mapping[str, str],
) -> Any:
    from botocore.exceptions import BotoCoreError, ClientError

    def capitals(words: str) -> str:
        return "".join(word.capitalize() for word in words.split("-"))

    try:
        session = boto3.Session(region_name=region, profile_name=profile)
        client = session.client(service)
        named = {capitals(name): value for name, value in parameters.items()}
        return getattr(client, action.replace("-", "_"))(**named)
    except (BotoCoreError, ClientError) as error:
        raise _failure(service, str(error)) from None


def _failure(service: str, said: str) -> UsageError | Unreachable:
    """What AWS said, and what to do where that is known."""
    advice = {
        "does not exist": "check the name, and --region and --profile",
        "credentials": "log in to AWS first (aws configure, aws sso login, or AWS_PROFILE)",
        "ExpiredToken": "log in to AWS again",
        "AccessDenied": "this takes cloudformation:DescribeStacks and secretsmanager:GetSecretValue",
        "region": "name one with --region",
    }
    for sign, help_ in advice.items():
        if sign.lower() in said.lower():
            return UsageError(f"{said.rstrip('.')}; {help_}")
    return Unreachable(f"{service}: {said}")
