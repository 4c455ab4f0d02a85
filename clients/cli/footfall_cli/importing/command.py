"""`footfall import`: its options."""

from typing import Annotated, Literal

from footfall_cli.parameters import Argument, Option
from footfall_cli.target import Target


def import_files(
    target: Target,
    files: Annotated[list[str], Argument("FILE...", "Files, plain or gzip; - is stdin.")],
    format_: Annotated[
        Literal["combined", "jsonl", "csv"] | None,
        Option(
            "--format",
            "What the files are (default: told from each file's name and first lines).",
        ),
    ] = None,
    requests: Annotated[
        bool,
        Option(
            "--requests",
            "Keep what an access log holds besides pages seen (assets, errors, other methods), as events named "
            "request with the properties method, status, bytes. Pages seen stay pageviews and nothing else. These "
            "events are activity: they count in events, visitors and sessions.",
        ),
    ] = False,
    wait: Annotated[bool, Option("--wait", "Return when everything can be queried.")] = False,
    wait_seconds: Annotated[
        float, Option("--wait-timeout", "How long --wait waits.", metavar="SECONDS", least=0)
    ] = 600.0,
    give_up_seconds: Annotated[
        float,
        Option(
            "--give-up",
            "How long to try again while the server is away.",
            metavar="SECONDS",
            least=0,
        ),
    ] = 180.0,
) -> int:
    """Import access logs, JSON lines or CSV.

    Access logs are in the combined format of Apache and Nginx. Pages seen become pageviews at the log's own times.
    Importing a file again changes nothing, also after it has grown, was rotated or packed.
    """
    from footfall_cli.importing import run

    options = run.Options(format_, requests, wait, wait_seconds, give_up_seconds, target.as_json)
    return run.import_files(files, options, target.settings)
