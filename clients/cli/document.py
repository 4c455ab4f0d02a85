"""Writes what docs/cli.md shows: every command of its console blocks is run in a terminal beside a local stack of its
own, and the list of all commands is made of their signatures.

    python clients/cli/document.py            # make docs-cli
    python clients/cli/document.py --check    # 1 where the page shows something else
"""

import os
import pty
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import unified_diff
from fcntl import ioctl
from pathlib import Path
from struct import pack
from termios import TIOCSWINSZ

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "cli.md"
COLUMNS = 100
SHOWN_URL = "http://127.0.0.1:8787"
_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
_CUT = 220
"""How much of a long line is shown."""
_VOLATILE = (
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+(\+00:00|Z)?", "TIME"),
    (r"20(?!15)\d\d-\d\d-\d\d( \d\d:\d\d)?", "DAY"),
    (r"ff[a-z]_[a-z_…]*[0-9a-f]+", "KEY"),
    (r"…[0-9a-f]{4}", "KEY"),
    (r"\b[0-9a-f]{16}\b", "ID"),
    (r"[\d,]+ made-up", "SOME made-up"),
    (r"[\d.]+ s\b", "SECONDS"),
    (r"[\d,]+ events/s", "SPEED"),
    (r"[▁▂▃▄▅▆▇█]{30}", "COLUMNS"),
    (r'"rows_read": ?\d+', "ROWS"),
    (r"[ ─]+", " "),
)
"""What differs from run to run."""


def main() -> int:
    """Write the page, or compare it."""
    before = PAGE.read_text("utf-8")
    page = with_commands(before)
    with stack() as (folder, url):
        page = with_output(page, folder, url)
    if sys.argv[1:] != ["--check"]:
        PAGE.write_text(page, "utf-8")
        return 0
    difference = compared(before, page)
    print("\n".join(difference))
    return 1 if difference else 0


def compared(before: str, after: str) -> list[str]:
    """How two pages differ, besides what is different in every run."""
    old, new = settled(before).splitlines(), settled(after).splitlines()
    return list(unified_diff(old, new, "docs/cli.md", "as it is now", lineterm="", n=1))


def settled(page: str) -> str:
    """A page with a word for everything that differs from run to run."""
    for pattern, word in _VOLATILE:
        page = re.sub(pattern, word, page)
    return page


@contextmanager
def stack() -> Iterator[tuple[Path, str]]:
    """A folder with .footfall/keys.json, and the URL, of a stack of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tests").symlink_to(ROOT / "tests")
        command = [sys.executable, "-m", "local", "--port", "0", "--data", folder / ".footfall"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
            try:
                yield folder, started(running)
            finally:
                running.terminate()
                running.communicate()


def started(running: "subprocess.Popen[str]") -> str:
    """The URL that a stack prints when it has started."""
    for line in running.stdout or ():
        if match := re.match(r"Footfall runs on (\S+)", line):
            return match[1]
    raise RuntimeError("the local stack did not start")


def with_output(page: str, folder: Path, url: str) -> str:
    """The page, below each command what it prints now."""

    def ran(block: re.Match[str]) -> str:
        commands = [line[2:] for line in block[1].splitlines() if line.startswith("$ ")]
        shown = [f"$ {command}\n{output(command, folder, url)}" for command in commands]
        return "```console\n" + "\n".join(shown) + "```"

    return _BLOCK.sub(ran, page)


def output(command: str, folder: Path, url: str) -> str:
    """What a command prints in a terminal of its own."""
    environ = {
        "HOME": str(folder),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "TERM": "xterm",
        "NO_COLOR": "1",
    }
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.execvpe("/bin/sh", ["sh", "-c", command], environ)  # noqa: S606 - lines of our own page
    ioctl(terminal, TIOCSWINSZ, pack("HHHH", 50, COLUMNS, 0, 0))
    said = b""
    while True:
        try:
            part = os.read(terminal, 65_536)
        except OSError:
            break
        if not part:
            break
        said += part
    os.close(terminal)
    os.waitpid(process, 0)
    # Progress is not left on the screen.
    text = re.sub(r"[^\n]*\r(?!\n)|\x1b\[[0-9;?]*[a-zA-Z]", "", said.decode().replace("\r\n", "\n"))
    lines = [cut(line.rstrip()) for line in text.replace(url, SHOWN_URL).splitlines()]
    return "".join(f"{line}\n" for line in lines if "━" not in line)


def cut(line: str) -> str:
    """A line that is not too long."""
    return line if len(line) <= _CUT else f"{line[:_CUT]}…"


def with_commands(page: str) -> str:
    """The page with the list of all commands."""
    start, end = "<!-- commands -->\n", "<!-- /commands -->"
    head, _, rest = page.partition(start)
    return head + start + all_commands() + end + rest.partition(end)[2]


def all_commands() -> str:
    """Each command: how it is called, what it does, what it takes."""
    sys.path.insert(0, str(ROOT / "clients" / "cli"))
    from footfall_cli.commands import COMMANDS, Command, Commands
    from footfall_cli.parameters import Argument, Option, Parameter, parameters
    from footfall_cli.target import Target

    shared = {each.name: each for each in parameters(Target.__init__)}

    def option(each: Parameter, said: Option) -> str:
        metavar = said.metavar or "|".join(each.choices) or said.flag.strip("-").upper()
        value = "" if each.kind is bool else f" {metavar}"
        short = f", `{said.short}`" if said.short else ""
        is_told = isinstance(each.default, str | float) and each.default not in ("", False)
        default = f" (default: {each.default})" if is_told and not each.is_required else ""
        stop = "" if said.help.endswith("…") and not default else "."
        needed = " Required." if each.is_required else ""
        return f"- `{said.flag}{value}`{short}: {said.help.rstrip('.')}{default}{stop}{needed}"

    def described(words: str, command: Command) -> str:
        function = command.function()
        own = parameters(function)
        arguments = [each.said for each in own if isinstance(each.said, Argument)]
        metavars = "".join(f" {said.metavar}" for said in arguments)
        about = " ".join((function.__doc__ or "").split())
        lines = [f"### `{words}{metavars}`", about, ""]
        lines += [f"- `{said.metavar.strip('[]')}`: {said.help}" for said in arguments]
        lines += [option(each, each.said) for each in own if isinstance(each.said, Option)]
        flags = [f"`{shared[name].said.flag}`" for name in command.common]  # type: ignore[union-attr]
        return "\n".join([*lines, f"- {' '.join(flags)}: as of all commands.", "", ""])

    def listed(commands: Commands, before: str) -> Iterator[str]:
        for name, entry in commands.items():
            if isinstance(entry, Command):
                yield described(f"{before} {name}", entry)
            else:
                yield from listed(entry.commands, f"{before} {name}")

    return "".join(listed(COMMANDS, "footfall"))


def commands_shown(page: str) -> list[list[str]]:
    """The words of every `footfall` that a page's blocks run."""
    lines = [
        line[2:]
        for block in _BLOCK.findall(page)
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
    parts = [part.strip() for line in lines for part in re.split(r"\s\|\s", line)]
    return [shlex.split(part)[1:] for part in parts if part.startswith("footfall ")]


if __name__ == "__main__":
    sys.exit(main())
