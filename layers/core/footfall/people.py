"""Who is one person: which user another one is an alias of.

Aliases between users form chains, and whether an entry stands depends on those received before it, so they are
resolved here and not in SQL. Links of anonymousIds are one entry an id and are read where they are needed.
"""

from collections.abc import Iterable

from footfall.store import Store


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
