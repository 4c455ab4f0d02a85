"""Who imports whom: the contracts of pyproject.toml hold, and each breaks when it is violated on purpose."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("layers/core/footfall", "functions", "local", "clients/cli/footfall_cli")


def lint(root: Path, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run import-linter over a tree."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    path = os.pathsep.join(str(root / folder) for folder in ("layers/core", "clients/cli", "."))
    return subprocess.run(
        [*command, *(["--contract", contract] if contract else [])],
        cwd=root,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code."""
    root = tmp_path_factory.mktemp("tree")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def test_the_contracts_hold(tree: Path):
    result = lint(tree)

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("contract", "file", "line"),
    [
        ("entry-points", "layers/core/footfall/store.py", "import local.template"),
        ("entry-points", "layers/core/footfall/rollup/run.py", "import functions.rollup.app"),
        ("product", "layers/core/footfall/collect/accept.py", "import footfall.query.ask"),
        ("product", "layers/core/footfall/counters.py", "import footfall.store"),
        ("product", "layers/core/footfall/errors.py", "import footfall.event"),
        ("product", "layers/core/footfall/query/ask.py", "import footfall.wiring"),
        ("product", "layers/core/footfall/stray.py", ""),
        ("functions", "functions/collect/app.py", "import functions.query.app"),
        ("clients", "clients/cli/footfall_cli/__main__.py", "import footfall.event"),
        ("clients", "clients/cli/footfall_cli/__main__.py", "import local.keys"),
    ],
)
def test_a_contract_breaks_when_it_is_violated(tree: Path, contract: str, file: str, line: str):
    path = tree / file
    before = path.read_text() if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n")
    try:
        result = lint(tree, contract)
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before)

    assert result.returncode == 1, result.stdout
    assert "BROKEN" in result.stdout or "not listed as layers" in result.stdout
