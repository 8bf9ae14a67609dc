"""Partners by name, by the same likeness as customers (product.md §5)."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import NamedTuple

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Q

from accounts.likeness import Asked
from accounts.models import Organization
from accounts.names import name_key, words_of
from accounts.search.by_name import LIKE_WIDE
from accounts.who import Who

MOST = 500  # partners that are compared


class PartnerFound(NamedTuple):
    """A partner with how alike its name is to what was typed, 0 to 100."""

    partner: Organization
    likeness: float


def find_partners(who: Who, query: str) -> list[PartnerFound]:
    """Partners that `who` may think of inviting, the most similar names first; with nothing typed, by name.

    At most 500, of other companies, in the co-sell ecosystem and transacting. Who stands first among names that are
    about as alike is not said here: `deals.responsiveness` knows who answers.
    """
    partners = Organization.objects.inviteable().exclude(pk=who.organization.pk)
    words = words_of(query)
    if not words:
        return [PartnerFound(partner, 100.0) for partner in partners.order_by("name")[:MOST]]
    asked = Asked(query)
    near = reduce(or_, (Q(search_name__contains=word) | Q(search_name__trigram_word_similar=word) for word in words))
    alike = partners.filter(near).order_by(TrigramWordSimilarity(name_key(query), "search_name").desc(), "name")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', '0.3', true)")
        found = [PartnerFound(partner, asked.likeness(partner.search_name)) for partner in alike[:MOST]]
    kept = [each for each in found if each.likeness >= LIKE_WIDE]
    return sorted(kept, key=lambda each: (-each.likeness, each.partner.name))
