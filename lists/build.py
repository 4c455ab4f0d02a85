"""Makes layers/core/footfall/ingest/lists/*.json of the sources beside it: `python lists/build.py`

The package ships only what a look-up needs, in the form in which it looks:

    sources.json    names of search engines and social networks by host
    kinds.json      the kind of a source (ai, shopping, social, …) by name or domain
    spammers.json   domains that send invented visits

A test compares the files with what this script makes.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

HERE = Path(__file__).parent
PACKAGED = HERE.parent / "layers" / "core" / "footfall" / "ingest" / "lists"

NEWS_SITES = frozenset({"cnn.com", "msnbc.msn.com"})
"""Named by Matomo after the engine of their search box, which a query tells; a host is the site."""


def build() -> dict[str, Any]:
    """The content of each file, by its name."""
    engines = _read("matomo_SearchEngines.yml")
    networks = _read("matomo_Socials.yml")
    social = {
        _host(domain): unquote(name) for name, domains in networks.items() for domain in domains
    }
    no_engines = NEWS_SITES | social.keys()
    search = {
        _host(url): name
        for name, variants in engines.items()
        for variant in variants
        for url in variant["urls"]
        # A pattern with a path, or of an Android app, is never the host of a web page.
        if "/" not in url and not url.startswith("com.") and _host(url) not in no_engines
    }
    kinds = _read("kinds.yml")
    return {
        "sources.json": {"search": search, "social": social},
        "kinds.json": {entry: kind for kind, entries in kinds.items() for entry in entries},
        "spammers.json": sorted({line.lower() for line in _lines("matomo_spammers.txt") if line}),
    }


def _host(url: str) -> str:
    return url.lower().removeprefix("www.")


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((HERE / name).read_text("utf-8"))
    return content


def _lines(name: str) -> list[str]:
    return (HERE / name).read_text("utf-8").splitlines()


def text(content: Any) -> str:
    """A file's content as it is written: sorted, one entry a line, so that a change is seen."""
    return json.dumps(content, ensure_ascii=False, indent=0, sort_keys=True) + "\n"


def main() -> None:
    """Write the files."""
    PACKAGED.mkdir(exist_ok=True)
    for name, content in build().items():
        (PACKAGED / name).write_text(text(content), "utf-8")


if __name__ == "__main__":
    main()
