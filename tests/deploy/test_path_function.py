"""What runs in CloudFront before anything is looked for, run in Node: which path a path is."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from tests import translated

NODE = shutil.which("node") or shutil.which("nodejs")
PATHS = {
    "/": "/index.html",
    "/x7f3a9/f.js": "/f.js",
    "/x7f3a9/batch": "/batch",
    "/x7f3a9/v1/track": "/v1/track",
    "/x7f3a9/": "/index.html",
    "/metrics": "/metrics",
    "/index.html": "/index.html",
    "/x7f3a9": "/x7f3a9",
    "/x7f3a9b/batch": "/x7f3a9b/batch",
    "/other/x7f3a9/batch": "/other/x7f3a9/batch",
}


@pytest.mark.skipif(NODE is None, reason="there is no Node here")
def test_a_path_below_the_prefix_is_the_one_without_it():
    stack = translated.resolved()
    code = stack["Resources"]["PathFunction"]["Properties"]["FunctionCode"]
    code = code.replace("${Setup.PathPrefix}", "x7f3a9")
    ask = "; ".join(
        f"out.push(handler({{request: {{uri: {json.dumps(path)}, querystring: {{a: 1}}}}}}))"
        for path in PATHS
    )

    done = subprocess.run(
        [str(NODE), "-e", f"{code}; const out = []; {ask}; console.log(JSON.stringify(out))"],
        capture_output=True,
        text=True,
        check=True,
    )

    answers: list[dict[str, Any]] = json.loads(done.stdout)
    assert [answer["uri"] for answer in answers] == list(PATHS.values())
    assert all(answer["querystring"] == {"a": 1} for answer in answers)
