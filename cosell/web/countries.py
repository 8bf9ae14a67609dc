"""Countries by ISO alpha-2 code, named in the reader's language."""

from babel import Locale
from django.utils.translation import get_language


def _territories() -> dict[str, str]:
    return Locale.parse((get_language() or "en").replace("-", "_"), resolve_likely_subtags=True).territories


def country_name(code: str) -> str:
    return _territories().get(code, code)


def country_choices() -> list[tuple[str, str]]:
    """Sorted by name; regions and groupings (numbers, EU, UN) are no countries."""
    no_countries = {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"}
    named = [(c, n) for c, n in _territories().items() if len(c) == 2 and c.isalpha() and c not in no_countries]
    return sorted(named, key=lambda pair: pair[1])
