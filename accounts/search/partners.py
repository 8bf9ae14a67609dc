"""Partners by name, by the same likeness as customers (product.md §5)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db import connection, transaction
from django.db.models import Q

from accounts.likeness import Asked
from accounts.models import Organization
from accounts.names import words_of
from accounts.search.by_name import LIKE_WIDE
from accounts.who import Who


def find_partners(who: Who, query: str, *, but: Iterable[str] = (), limit: int = 10) -> list[Organization]:
    """Partners that `who` may think of inviting, the most similar names first; with nothing typed, by name.

    `but` are uids of partners that are left out.
    """
    partners = Organization.objects.inviteable().exclude(pk=who.organization.pk).exclude(uid__in=list(but))
    words = words_of(query)
    if not words:
        return list(partners.order_by("name")[:limit])
    asked = Asked(query)
    near = reduce(or_, (Q(search_name__contains=word) | Q(search_name__trigram_word_similar=word) for word in words))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', '0.3', true)")
        scored = [(asked.likeness(partner.search_name), partner) for partner in partners.filter(near)[:500]]
    kept = sorted((-score, partner.name, partner) for score, partner in scored if score >= LIKE_WIDE)
    return [partner for _score, _name, partner in kept[:limit]]
