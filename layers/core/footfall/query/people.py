"""Who is one person, in SQL: a user id is followed through the aliases that stand (footfall.people), an anonymousId
through its link (queries/links.sql).
"""

from footfall.store import Fragment

UNLINKED = Fragment(
    "if(user_id != '', sipHash64(concat('u:', user_id)), if(linked_user != '', "
    "sipHash64(concat('u:', linked_user)), actor_hash))"
)
ALIASED = Fragment(
    "if(user_id != '', sipHash64(concat('u:', transform(user_id, {alias_from:Array(String)}, "
    "{alias_to:Array(String)}, user_id))), if(linked_user != '', sipHash64(concat('u:', transform(linked_user, "
    "{alias_from:Array(String)}, {alias_to:Array(String)}, linked_user))), actor_hash))"
)
