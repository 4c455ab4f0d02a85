"""Types that generators make of /openapi.json: every example is of them, and what is wrong is not.

TypeScript by openapi-typescript and Python by datamodel-code-generator, as docs/api.md says; the versions are locked.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from footfall.openapi.document import document

HERE = Path(__file__).parent
PROGRAMS = HERE / "node_modules" / ".bin"
OPERATIONS = [each for item in document()["paths"].values() for each in item.values()]
WRONG = {"surely": 1, "not": [2]}


def examples() -> Iterator[tuple[str, str, str, Any]]:
    """What has an example: its operation, `body` or `answer`, its schema's name ("" for none), the example."""
    for operation in OPERATIONS:
        parts = {"body": operation.get("requestBody"), "answer": operation["responses"]["200"]}
        for part, told in parts.items():
            content = (told or {"content": {}})["content"].get("application/json", {})
            if "example" in content:
                name = content["schema"].get("$ref", "").rpartition("/")[2]
                yield operation["operationId"], part, name, content["example"]


def one_of(name: str, example: Any) -> str:
    """The type of an example that may be one thing or a list of such; mypy does not choose by itself."""
    either = document()["components"]["schemas"][name].get("anyOf", [])
    refs = [each["$ref"].rpartition("/")[2] for each in either if "$ref" in each]
    return refs[0] if isinstance(example, dict) and len(refs) == 1 else name


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """A program and what it printed."""
    return subprocess.run(
        [str(word) for word in command], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the document."""
    folder = tmp_path_factory.mktemp("types")
    (folder / "openapi.json").write_text(json.dumps(document()))
    return folder


@pytest.fixture(scope="module")
def python(folder: Path) -> Path:
    """footfall_types.py, made of the document."""
    made = run(
        Path(sys.executable).parent / "datamodel-codegen",
        *("--input", "openapi.json", "--input-file-type", "openapi"),
        *("--output", "footfall_types.py", "--output-model-type", "typing.TypedDict"),
        *("--target-python-version", "3.11", "--use-standard-collections"),
        *("--use-generic-container-types", "--no-use-closed-typed-dict", "--formatters", "builtin"),
        folder=folder,
    )
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def typescript(folder: Path) -> Path:
    """footfall.ts, made of the document."""
    if not (PROGRAMS / "tsc").exists() or shutil.which("node") is None:
        pytest.skip("the generator of TypeScript is not installed: make clients")
    made = run(PROGRAMS / "openapi-typescript", "openapi.json", "-o", "footfall.ts", folder=folder)
    assert made.returncode == 0, made.stderr
    return folder


def mypy(folder: Path, lines: list[str]) -> list[str]:
    """What mypy finds wrong with a module that imports the types."""
    module = folder / "recorded.py"
    module.write_text("\n".join(["from footfall_types import *", *lines, ""]))
    options = [
        "--strict",
        "--no-error-summary",
        "--config-file=",
        f"--cache-dir={folder / 'cache'}",
    ]
    found = run(sys.executable, "-m", "mypy", *options, module.name, folder=folder)
    assert found.stderr == ""
    return found.stdout.splitlines()


def tsc(folder: Path, lines: list[str]) -> list[str]:
    """What the compiler finds wrong with a module that imports the types."""
    module = folder / "recorded.ts"
    imports = 'import type { components, operations, paths } from "./footfall";'
    module.write_text("\n".join([imports, *lines, ""]))
    found = run(
        PROGRAMS / "tsc", "--noEmit", "--strict", "--skipLibCheck", module.name, folder=folder
    )
    return found.stdout.splitlines()


def in_python(value: Any) -> str:
    """An example as Python writes it: a filter and an order are tuples."""
    if isinstance(value, dict):
        value = {
            name: [tuple(each) for each in inner] if name in ("filters", "order_by") else inner
            for name, inner in value.items()
        }
    return repr(value)


def type_of(operation: str, part: str) -> str:
    """A body or an answer in TypeScript."""
    if part == "body":
        return (
            f'NonNullable<operations["{operation}"]["requestBody"]>["content"]["application/json"]'
        )
    return f'operations["{operation}"]["responses"][200]["content"]["application/json"]'


def test_every_example_is_of_the_python_types(python: Path):
    named = [each for each in examples() if each[2]]
    assert len(named) > 55
    assert {operation for operation, _, name, _ in examples() if not name} == {
        "getOpenapi",
        "getSegmentSettings",
        "getRudderstackConfig",
    }
    lines = [
        f"{operation}_{part}: {one_of(name, example)} = {in_python(example)}"
        for operation, part, name, example in named
    ]

    assert mypy(python, lines) == []


def test_what_is_wrong_is_not_of_the_python_types(python: Path):
    named = [each for each in examples() if each[2]]
    lines = [f"wrong_{number}: {name} = {WRONG!r}" for number, (_, _, name, _) in enumerate(named)]
    lines += [
        'item: Item = {"type": "pageview", "event": {"name": "no page"}}',
        'metric: Metric = "page_views"',
        'query: Query = {"metrics": ["visitors"]}',
    ]

    found = mypy(python, lines)

    assert {int(line.split(":")[1]) for line in found if ": error:" in line} == set(
        range(2, len(lines) + 2)
    )


def test_every_example_is_of_the_typescript_types(typescript: Path):
    told = list(examples())
    assert len(told) > 60
    lines = [
        f"export const {operation}_{part}: {type_of(operation, part)} = {json.dumps(example)};"
        for operation, part, _, example in told
    ]
    lines.append('export const item: components["schemas"]["Item"]["type"] = "pageview";')

    assert tsc(typescript, lines) == []


def test_what_is_wrong_is_not_of_the_typescript_types(typescript: Path):
    named = [each for each in examples() if each[2]]
    lines = [
        f"export const wrong_{number}: {type_of(operation, part)} = {json.dumps(WRONG)};"
        for number, (operation, part, _, _) in enumerate(named)
    ]
    lines += [
        'export const kind: components["schemas"]["Item"] = { type: "Pageview", page: { path: "/" } };',
        'export const metric: components["schemas"]["Metric"] = "page_views";',
        'export const route: keyof paths = "/nowhere";',
    ]

    found = tsc(typescript, lines)

    assert {
        int(line.split("(")[1].split(",")[0]) for line in found if line.startswith("recorded")
    } == set(range(2, len(lines) + 2))
