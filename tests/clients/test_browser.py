"""Scripts of others, unmodified, in headless Chromium on another origin than the collector: each event stored once."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.clients import browser
from tests.clients.browser import needs_chromium, opened, page, script
from tests.clients.faulty import BUSY, LIMITED, LOST, Fault, Pages, Proxy, counts
from tests.clients.node import needs_node
from tests.flow.stack import Stack

pytestmark = [needs_node, needs_chromium]
EVENTS = 12
Start = Callable[..., Proxy]
Serve = Callable[[dict[str, tuple[str, bytes]]], Pages]


@pytest.fixture
def served() -> Iterator[Serve]:
    """Servers of pages."""
    servers: list[Pages] = []

    def start(files: dict[str, tuple[str, bytes]]) -> Pages:
        servers.append(Pages(files).start())
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def stored(stack: Stack, path: str, **parameters: Any) -> dict[str, int]:
    """How many events of each name happened on a page; pageviews are ""."""
    stack.wait_until_stored()
    filters = json.dumps(["is", "page", [path]])
    _, answer = stack.get(
        "/breakdown", dimension="event", metric="events", period="7d", filters=filters, bots="include", limit=100,
        **parameters,
    )  # fmt: skip
    return {row["dimension"]: row["value"] for row in answer["data"]}


SEGMENT_PAGE = """
<script src="/segment.js"></script>
<script type="module">
  const { AnalyticsBrowser } = window.AnalyticsNext
  const failed = []
  window.addEventListener('unhandledrejection', (event) => failed.push(String(event.reason)))
  const settings = { writeKey: KEY, cdnURL: HOST }
  const analytics = AnalyticsBrowser.load(settings, { integrations: { 'Segment.io': STRATEGY } })
  analytics.on('error', (error) => failed.push(String(error)))
  await analytics.page('Home')
  await analytics.identify('user-1', { plan: 'pro' })
  await Promise.all(Array.from({ length: EVENTS }, (_, n) => analytics.track(NAME, { n })))
  window.finished = failed
</script>
"""
BATCHING = {
    "deliveryStrategy": {"strategy": "batching", "config": {"size": 5, "timeout": 300}},
}


@pytest.mark.parametrize(
    ("faults", "strategy"),
    [
        ((), {}),
        ((BUSY, BUSY), {}),
        ((LIMITED,), {}),
        ((LOST,), {}),
        ((), BATCHING),
        ((BUSY, BUSY), BATCHING),
        ((LIMITED,), BATCHING),
    ],
    ids=[
        "at once", "after 503, 503", "after 429", "when an answer is lost",
        "in batches", "in batches after 503, 503", "in batches after 429",
    ],
)  # fmt: skip
def test_segments_browser_script(
    stack: Stack,
    proxied: Start,
    served: Serve,
    faults: tuple[Fault, ...],
    strategy: dict[str, Any],
    request: Any,
):
    proxy, name = proxied(*faults), request.node.name
    html = SEGMENT_PAGE
    for placeholder, value in (
        ("KEY", stack.keys["write_key"]), ("HOST", proxy.url), ("STRATEGY", strategy), ("NAME", name),
        ("EVENTS", EVENTS),
    ):  # fmt: skip
        html = html.replace(placeholder, json.dumps(value))
    files = {f"/{file.name}": script(file) for file in browser.SEGMENT.glob("*.js")}
    pages = served(
        files | {"/segment.js": script(browser.SEGMENT / "index.js"), "/shop": page(html)}
    )
    # A page, an identify and the tracks.
    seen = opened(f"{pages.url}/shop", events=EVENTS + 2)

    assert seen["errors"] == []
    assert seen["finished"] == []
    assert counts(stack, name) == Counter(range(EVENTS))
    collected = [one for one in proxy.posts() if one.path != "/v1/m"]
    assert {one.path for one in collected} == {"/v1/b"} if strategy else {"/v1/p", "/v1/i", "/v1/t"}
    posts = len(proxy.posts(200)) - len([one for one in proxy.posts(200) if one.path == "/v1/m"])
    assert posts < EVENTS if strategy else posts == EVENTS + 2
    assert len(collected) >= posts * (1 + len(faults))


RUDDERSTACK_PAGE = """
<script type="module">
  import { RudderAnalytics } from '/rudderstack.js'
  const failed = []
  window.addEventListener('unhandledrejection', (event) => failed.push(String(event.reason)))
  const analytics = new RudderAnalytics()
  analytics.load(KEY, HOST, { configUrl: HOST, logLevel: 'NONE' })
  analytics.ready(() => {
    analytics.page('Home')
    analytics.identify('user-1', { plan: 'pro' })
    for (let n = 0; n < EVENTS; n += 1) analytics.track(NAME, { n })
    window.finished = failed
  })
</script>
"""


@pytest.mark.parametrize(
    "faults",
    [(), (BUSY, BUSY), (LOST,)],
    ids=["at once", "after 503, 503", "when an answer is lost"],
)
def test_rudderstacks_browser_sdk(
    stack: Stack, proxied: Start, served: Serve, faults: tuple[Fault, ...], request: Any
):
    proxy, name = proxied(*faults), request.node.name
    html = RUDDERSTACK_PAGE
    for placeholder, value in (
        ("KEY", stack.keys["write_key"]), ("HOST", proxy.url), ("NAME", name), ("EVENTS", EVENTS),
    ):  # fmt: skip
        html = html.replace(placeholder, json.dumps(value))
    pages = served({"/rudderstack.js": script(browser.RUDDERSTACK), "/shop": page(html)})
    seen = opened(f"{pages.url}/shop", events=EVENTS + 2)

    assert seen["errors"] == []
    assert seen["finished"] == []
    assert counts(stack, name) == Counter(range(EVENTS))
    assert len(proxy.posts()) == len(proxy.posts(200)) * (1 + len(faults))
    assert {one.path for one in proxy.posts()} == {"/v1/page", "/v1/identify", "/v1/track"}


PLAUSIBLE_PAGE = """
<script>window.__plausible = true</script>
<script type="module">
  import { init, track } from '/plausible.js'
  const said = []
  const original = window.fetch
  const viewed = new Promise((resolve) => {
    window.fetch = (...given) => {
      const answer = original(...given)
      answer.then(resolve, resolve)
      return answer
    }
  })
  init({ domain: 'default', endpoint: HOST + '/api/event', captureOnLocalhost: true, logging: false })
  // The page's own view is the first request: two that are under way at once arrive in any order.
  await viewed
  for (let n = 0; n < EVENTS; n += 1) {
    const result = await new Promise((callback) => track(NAME, { props: { n }, callback }))
    said.push(result?.status)
  }
  history.pushState({}, '', PATH + '/second')
  window.finished = said
</script>
"""


@pytest.mark.parametrize("faults", [(), (BUSY,)], ids=["at once", "after a 503"])
def test_plausibles_script(
    stack: Stack, proxied: Start, served: Serve, faults: tuple[Fault, ...], request: Any
):
    proxy, name = proxied(*faults), request.node.name
    path = f"/plausible/{len(faults)}"
    html = PLAUSIBLE_PAGE
    for placeholder, value in (
        ("HOST", proxy.url),
        ("NAME", name),
        ("EVENTS", EVENTS),
        ("PATH", path),
    ):
        html = html.replace(placeholder, json.dumps(value))
    pages = served({"/plausible.js": script(browser.PLAUSIBLE), path: page(html)})
    seen = opened(f"{pages.url}{path}", events=EVENTS + 2 - len(faults))

    assert seen["errors"] == []
    assert seen["finished"] == [200] * EVENTS
    assert counts(stack, name) == Counter(range(EVENTS))
    # The first POST is the pageview of the page: a script that never sends again loses it to a 503.
    assert stored(stack, path) == ({name: EVENTS, "": 1} if not faults else {name: EVENTS})
    assert stored(stack, f"{path}/second") == {"": 1}
    accepted = [json.loads(one.body)["n"] for one in proxy.posts(200)]
    assert len(accepted) == len(set(range(EVENTS))) + 2 - len(faults) + accepted.count("engagement")


UMAMI_PAGE = """
<script src="/umami.js" data-website-id="default" data-host-url=HOST data-auto-track="false"></script>
<script type="module">
  const said = []
  await umami.track()
  for (let n = 0; n < EVENTS; n += 1) said.push(typeof (await umami.track(NAME, { n })))
  await umami.identify({ plan: 'pro' })
  window.finished = said
</script>
"""


@pytest.mark.parametrize("faults", [(), (BUSY,)], ids=["at once", "after a 503"])
def test_umamis_script(
    stack: Stack, proxied: Start, served: Serve, faults: tuple[Fault, ...], request: Any
):
    proxy, name = proxied(*faults), request.node.name
    path = f"/umami/{len(faults)}"
    html = UMAMI_PAGE
    for placeholder, value in (("HOST", proxy.url), ("NAME", name), ("EVENTS", EVENTS)):
        html = html.replace(placeholder, json.dumps(value))
    pages = served({"/umami.js": script(browser.UMAMI), path: page(html, title="Shop & more 100%")})
    seen = opened(f"{pages.url}{path}", events=EVENTS + 2 - len(faults))

    assert seen["errors"] == []
    assert len(seen["finished"]) == EVENTS
    assert counts(stack, name) == Counter(range(EVENTS))
    assert stored(stack, path) == ({name: EVENTS, "": 1} if not faults else {name: EVENTS})
    _, titles = stack.get(
        "/breakdown", dimension="title", metric="events", period="7d", bots="include",
        filters=json.dumps(["is", "page", [path]]),
    )  # fmt: skip
    assert [row["dimension"] for row in titles["data"]] == ["Shop & more 100%"]


SANDBOX = """
<script type="module">
  const inner = `<script>
    fetch(HOST + '/v1/t', {
      method: 'POST',
      credentials: 'include',
      body: JSON.stringify({ event: NAME, anonymousId: 'a', properties: { n: 0 } }),
      headers: {
        'content-type': 'application/json',
        'x-anything-new': '1',
        authorization: 'Basic ' + btoa(KEY + ':'),
      },
    }).then((answer) => answer.json()).then((answer) => parent.postMessage(answer.success, '*'))
  <\\/script>`
  addEventListener('message', (event) => { window.finished = [origin, event.origin, event.data] })
  const frame = document.createElement('iframe')
  frame.sandbox = 'allow-scripts'
  frame.srcdoc = inner
  document.body.append(frame)
</script>
"""


def test_a_sandboxed_frame_may_collect_with_credentials(
    stack: Stack, proxied: Start, served: Serve, request: Any
):
    proxy, name = proxied(), request.node.name
    html = SANDBOX
    for placeholder, value in (
        ("HOST", proxy.url),
        ("NAME", name),
        ("KEY", stack.keys["write_key"]),
    ):
        html = html.replace(placeholder, json.dumps(value))
    pages = served({"/": page(html)})
    seen = opened(f"{pages.url}/")

    assert seen["finished"] == [pages.url, "null", True]
    assert counts(stack, name) == Counter([0])


PIXEL = """
<script type="module">
  const image = new Image()
  image.onload = () => { window.finished = [image.naturalWidth, image.naturalHeight] }
  image.src = HOST + '/pixel.gif?path=/by-pixel&title=Mail&key=' + KEY
</script>
"""


def test_a_browser_shows_the_pixel(stack: Stack, proxied: Start, served: Serve):
    proxy = proxied()
    html = PIXEL.replace("HOST", json.dumps(proxy.url)).replace(
        "KEY", json.dumps(stack.keys["write_key"])
    )
    seen = opened(f"{served({'/': page(html)}).url}/")

    assert seen["finished"] == [1, 1]
    assert stored(stack, "/by-pixel") == {"": 1}


READING = """
<script type="module">
  const headers = { authorization: 'Bearer ' + KEY }
  const reach = (path) => fetch(HOST + path, { headers }).then(() => 'read', () => 'not read')
  window.finished = [await reach('/metrics'), await reach('/sites'), await reach('/health')]
</script>
"""


def test_a_page_of_another_origin_cannot_read(stack: Stack, proxied: Start, served: Serve):
    html = READING.replace("HOST", json.dumps(proxied().url)).replace(
        "KEY", json.dumps(stack.keys["api_key"])
    )
    seen = opened(f"{served({'/': page(html)}).url}/")

    assert seen["finished"] == ["not read", "not read", "read"]
