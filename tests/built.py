"""Is what `make build` made fit to deploy? `python tests/built.py ARCHITECTURE`: prints sizes, fails by name.

Wheels of the wrong architecture build without complaint, so every shared library's ELF header is looked at. Where this
machine could be Lambda's (a Python 3.13, the same architecture), every handler is loaded from its artifact directory
with nothing but the layers beside it, and some answer what needs no engine.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILD = ROOT / ".aws-sam" / "build"
MACHINES = {"x86_64": 0x3E, "arm64": 0xB7}
LIMIT_BYTES = 250_000_000
"""What Lambda takes of layers and function together, unpacked."""


UNUSED = (
    "boto3",
    "botocore",
    "chdb",
    "numpy",
    "pandas",
    "pip",
    "setuptools",
    "pytest",
    "redis",
    "pydantic",
)
"""What is in the runtime already, or only a laptop needs."""
ANSWERS = {"collect-preflight": 204, "collect-openapi": 200}
"""Sample events that need no engine, and what is answered."""
RUN = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
import app
for path in sys.argv[2:]:
    with open(path) as file:
        print(app.lambda_handler(json.load(file), None)["statusCode"])
"""


def main(architecture: str) -> int:
    """Print what is wrong and what is large; 0 when nothing is wrong."""
    wrong = list(problems(architecture))
    folders = [folder for folder in sorted(BUILD.iterdir()) if folder.is_dir()]
    sizes = {folder.name: size(folder) for folder in folders}
    for folder in folders:
        zipped = f"{zipped_size(folder) / 1e6:6.2f} MB zipped" if "Layer" in folder.name else ""
        print(f"{folder.name:<20} {sizes[folder.name] / 1e6:6.2f} MB {zipped}")
    layers = sum(number for name, number in sizes.items() if name.endswith("Layer"))
    largest = max(number for name, number in sizes.items() if name.endswith("Function"))
    if layers + largest > LIMIT_BYTES:
        wrong.append(f"too large: {(layers + largest) / 1e6:.0f} MB")
    python = python313()
    if python is None or platform.machine().replace("aarch64", "arm64") != architecture:
        print("handlers not loaded: no Python 3.13 of that architecture here")
    else:
        wrong += loaded(python, [folder for folder in folders if "Function" in folder.name])
        print("every handler was loaded by Python 3.13 from its artifacts and the layers alone")
    for problem in wrong:
        print(problem, file=sys.stderr)
    return 1 if wrong else 0


def problems(architecture: str) -> Iterator[str]:
    """What is of the wrong machine, without byte code, or of no use."""
    for path in BUILD.rglob("*.so*"):
        if machine(path) != MACHINES[architecture]:
            yield f"not for {architecture}: {path.relative_to(BUILD)}"
    for layer in ("CoreLayer", "DependenciesLayer"):
        top = BUILD / layer / "python"
        for name in UNUSED:
            if (top / name).exists():
                yield f"not needed: {name}"
        if python313() is not None and not any(top.rglob("*.cpython-313.pyc")):
            yield f"{layer} has no byte code"


def loaded(python: str, functions: list[Path]) -> Iterator[str]:
    """Which handlers cannot be loaded, or answer wrongly."""
    layers = [str(BUILD / name / "python") for name in ("CoreLayer", "DependenciesLayer")]
    for folder in functions:
        word = folder.name.removesuffix("Function").lower()
        asked = [name for name in ANSWERS if name.partition("-")[0] == word]
        events = [str(ROOT / "events" / f"{name}.json") for name in asked]
        # Neither this directory nor anything that is installed on this machine.
        done = subprocess.run(
            [python, "-I", "-S", "-c", RUN, json.dumps([str(folder), *layers]), *events],
            env={"PATH": os.defpath, "POWERTOOLS_SERVICE_NAME": "footfall"},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        wanted = "".join(f"{ANSWERS[name]}\n" for name in asked)
        if done.returncode or done.stdout != wanted:
            yield f"{folder.name}: {done.stdout or 'not loaded'} {done.stderr[-600:]}"


def python313() -> str | None:
    """A Python of Lambda's version, where there is one; a shim without a version behind it is none."""
    here = (Path.home() / ".pyenv" / "versions").glob("3.13*/bin/python3.13")
    for found in (os.environ.get("PYTHON313"), shutil.which("python3.13"), *map(str, here)):
        if (
            found
            and not subprocess.run([found, "-c", ""], check=False, capture_output=True).returncode
        ):
            return found
    return None


def zipped_size(folder: Path) -> int:
    """The bytes of what is uploaded."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for path in folder.rglob("*"):
            file.write(path, path.relative_to(folder))
    return packed.tell()


def machine(library: Path) -> int:
    """The machine of an ELF file, 0 for anything else."""
    header = library.read_bytes()[:20]
    return int.from_bytes(header[18:20], "little") if header[:4] == b"\x7fELF" else 0


def size(folder: Path) -> int:
    """The bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
