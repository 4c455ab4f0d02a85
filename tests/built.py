"""Is what `make build` made fit to deploy? `python tests/built.py ARCHITECTURE`: prints sizes, fails by name.

Wheels of the wrong architecture build without complaint, so every shared library's ELF header is looked at.
"""

import sys
from pathlib import Path

BUILD = Path(__file__).parents[1] / ".aws-sam" / "build"
MACHINES = {"x86_64": 0x3E, "arm64": 0xB7}
LIMIT_BYTES = 250_000_000
"""What Lambda takes of layers and function together, unpacked."""


def main(architecture: str) -> int:
    """Print what is wrong and what is large; 0 when nothing is wrong."""
    wrong = [path for path in BUILD.rglob("*.so*") if machine(path) != MACHINES[architecture]]
    for path in wrong:
        print(f"not for {architecture}: {path.relative_to(BUILD)}", file=sys.stderr)
    sizes = {folder.name: size(folder) for folder in sorted(BUILD.iterdir()) if folder.is_dir()}
    for name, number in sizes.items():
        print(f"{name:<20} {number / 1e6:6.2f} MB")
    layers = sum(number for name, number in sizes.items() if name.endswith("Layer"))
    largest = max(number for name, number in sizes.items() if name.endswith("Function"))
    if layers + largest > LIMIT_BYTES:
        print(f"too large: {(layers + largest) / 1e6:.0f} MB", file=sys.stderr)
        return 1
    return 1 if wrong else 0


def machine(library: Path) -> int:
    """The machine of an ELF file, 0 for anything else."""
    header = library.read_bytes()[:20]
    return int.from_bytes(header[18:20], "little") if header[:4] == b"\x7fELF" else 0


def size(folder: Path) -> int:
    """The bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
