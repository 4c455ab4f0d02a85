"""`footfall`, `python -m footfall_cli`: runs a command and turns whatever happens into an exit code."""

import os
import sys
from collections.abc import Sequence

from footfall_cli.errors import CliError

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit code: 0 done, 1 refused or different, 2 wrong usage or key, 3 cannot reach the server,
    130 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets a stand-in, not an error.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read has seen enough. What is still in the buffer goes nowhere, or the exit would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _run(arguments: Sequence[str] | None) -> int:
    # Importing typer takes most of the start; Ctrl-C may come meanwhile.
    import typer.main

    from footfall_cli import output
    from footfall_cli.admin_commands import app

    try:
        typer.main.get_command(app).main(arguments, prog_name="footfall")
    except CliError as error:
        output.complain(str(error))
        return error.exit_code
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0


if __name__ == "__main__":
    sys.exit(main())
