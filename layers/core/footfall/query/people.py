"""Who is one person: a user id is followed through the aliases that stand.

Links of anonymousIds are joined in SQL (queries/links.sql). Aliases between users form chains, and whether an entry
stands depends on those received before it, so they are resolved here.
"""

from collections.abc import Iterable

from footfall.store import Fragment, Store

UNLINKED = Fragment(
    "if(user_id != '', sipHash64(concat('u:', user_id)), if(linked_user != '', "
    "sipHash64(concat('u:', linked_user)), actor_hash))"
)
ALIASED = Fragment(
    "if(user_id != '', sipHash64(concat('u:', transform(user_id, {alias_from:Array(String)}, "
    "{alias_to:Array(String)}, user_id))), if(linked_user != '', sipHash64(concat('u:', transform(linked_user, "
    "{alias_from:Array(String)}, {alias_to:Array(String)}, linked_user))), actor_hash))"
)


def aliases(site_id: str, store: Store) -> dict[str, str]:
    """For each user that is an alias of another: the user at the end of the chain. Raises Unavailable."""
    entries = store.select("queries/aliases", {"site": site_id}).rows
    return resolve((previous_id, user_id) for previous_id, user_id in entries)


def resolve(entries: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Follow entries (previous id, user id), given in the order of receipt, to the ends of their chains.

    Of one id the first entry stands; one that would close a circle is void.
    """
    standing: dict[str, str] = {}
    for previous_id, user_id in entries:
        if previous_id not in standing and _end(user_id, standing) != previous_id:
            standing[previous_id] = user_id
    return {previous_id: _end(previous_id, standing) for previous_id in standing}


def _end(user_id: str, standing: dict[str, str]) -> str:
    while user_id in standing:
        user_id = standing[user_id]
    return user_id
