"""`footfall`, `python -m footfall_cli`: runs a command and turns whatever happens into an exit code."""

import os
import sys
from collections.abc import Sequence

from footfall_cli.errors import CliError, UsageError

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit code: 0 done, 1 refused or different, 2 wrong usage or key, 3 cannot reach the server,
    130 interrupted.
    """
    _open_what_is_closed()
    if sys.stdout is None:
        # Told before anything is done: the id of an event that was sent would be lost.
        print("footfall: stdout is closed; send it to a file, or to /dev/null", file=sys.stderr)
        return UsageError.exit_code
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
        # Whoever read has seen enough.
        _drop_output()
        return 0
    except OSError as error:
        from footfall_cli import output

        _drop_output()
        output.complain(
            f"what it prints cannot be written: {(error.strerror or str(error)).lower()}"
        )
        return 1
    return code


def _open_what_is_closed() -> None:
    """Whoever closed stdin has no input, whoever closed stderr wants no messages."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123


def _drop_output() -> None:
    """What is still in the buffer goes nowhere, or the exit would complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
    except UnicodeEncodeError as error:
        # Bytes of the command line that are no UTF-8 stand in its texts as lone surrogates.
        if os.environ.get("FOOTFALL_DEBUG"):
            raise
        output.complain(f"{error.object[:60]!r} holds bytes that are no UTF-8; write it in UTF-8")
        return UsageError.exit_code
    except BrokenPipeError:
        raise
    except OSError as error:
        # Whatever reads files or sends says so itself: without a name it is stdout that is full, or gone.
        if error.filename is None:
            raise
        output.complain(f"cannot use {error.filename}: {(error.strerror or str(error)).lower()}")
        return UsageError.exit_code
    except Exception as error:
        if os.environ.get("FOOTFALL_DEBUG"):
            raise
        output.complain(
            f"that should not have happened ({type(error).__name__}: {error}); FOOTFALL_DEBUG=1 shows where"
        )
        return 1


if __name__ == "__main__":
    sys.exit(main())
