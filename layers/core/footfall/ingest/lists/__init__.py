"""The packaged lists of sources and spammers, as lists/build.py wrote them."""

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def read(name: str) -> Any:
    """The content of `<name>.json`, read once a process, when it is first needed."""
    return json.loads(resources.files(__name__).joinpath(f"{name}.json").read_text("utf-8"))
