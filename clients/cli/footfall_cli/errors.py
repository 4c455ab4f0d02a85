"""Every way in which a command ends early: one line for a person, and the exit code.

CliError
├── Refused      1  the server took the request and refused what it held
├── UsageError   2  what was asked cannot be done as it was asked: options, files, keys
└── Unreachable  3  nobody answers at the URL, or not as Footfall does
"""


class CliError(Exception):
    """A failure with a message of one line and an exit code."""

    exit_code = 1


class Refused(CliError):
    """The server refused what was sent."""

    exit_code = 1


class UsageError(CliError):
    """The command, its options, its files or its key are wrong."""

    exit_code = 2


class Unreachable(CliError):
    """No answer, or none of Footfall's; the same command may work later."""

    exit_code = 3
