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
        code = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read has seen enough. What is still in the buffer goes nowhere, or the exit would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _run(arguments: Sequence[str]) -> int:
    # Imported here, since Ctrl-C may come meanwhile.
    from footfall_cli import output, quick
    from footfall_cli.commands import run

    try:
        # A shell asks for completions by a variable of the environment.
        if "_FOOTFALL_COMPLETE" not in os.environ and (plain := quick.read(arguments)):
            return run(*plain)
        from footfall_cli import program

        return program.main(arguments, run)
    except CliError as error:
        output.complain(str(error))
        return error.exit_code
    except BrokenPipeError:
        raise
    except Exception as error:
        if os.environ.get("FOOTFALL_DEBUG"):
            raise
        output.complain(
            f"that should not have happened ({type(error).__name__}: {error}); FOOTFALL_DEBUG=1 shows where"
        )
        return 1


if __name__ == "__main__":
    sys.exit(main())
