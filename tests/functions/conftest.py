"""The doorways of the functions, wired to the engines of the tests."""

import json
from typing import Any

import pytest

from footfall import wiring
from footfall.config import Settings
from tests.builders import Product, Send, doorway, http_event

LIVE_URL = "wss://live.example/live"


@pytest.fixture
def wired(product: Product, monkeypatch: pytest.MonkeyPatch) -> Product:
    """The composition root built of the test's engines."""
    for name in ("store", "counters", "collector", "registry", "watchers"):
        monkeypatch.setattr(wiring, name, lambda name=name: getattr(product, name))
    monkeypatch.setattr(wiring, "event_queue", lambda: product.queue)
    monkeypatch.setattr(wiring, "settings", lambda: Settings(store_url="chdb:", live_url=LIVE_URL))
    return product


@pytest.fixture
def send(wired: Product) -> Send:
    doors = {
        name: doorway(name)
        for name in ("collect", "query", "realtime", "privacy", "rollup", "admin", "shares")
    }
    by_path = {
        **dict.fromkeys(("/realtime", "/realtime/ticket"), "realtime"),
        **dict.fromkeys(("/metrics", "/timeseries", "/breakdown", "/daily", "/query"), "query"),
        **dict.fromkeys(("/values", "/properties"), "query"),
        **dict.fromkeys(("/rollup", "/doctor"), "rollup"),
    }

    def send(
        method: str, path: str, body: Any = None, **options: Any
    ) -> tuple[int, Any, dict[str, str]]:
        text = json.dumps(body) if isinstance(body, dict | list) else body
        event = http_event(method, path, body=text, **options)
        name = (
            "privacy" if method in ("DELETE", "GET") and "/visitors/" in path else by_path.get(path)
        )
        if path.startswith(("/access", "/sites", "/rejects")):
            name = "admin"
        if path.startswith(("/shares/", "/share/")):
            name = "shares"
        answer = doors[name or "collect"].lambda_handler(event, None)
        is_json = answer["headers"].get("content-type") == "application/json"
        return (
            answer["statusCode"],
            json.loads(answer["body"]) if is_json else answer["body"],
            answer["headers"],
        )

    return send
