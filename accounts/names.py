"""Customer names made comparable: accents, case, punctuation and legal forms do not tell companies apart."""

import re
import unicodedata
from functools import lru_cache

from cleanco import prepare_default_terms
from cleanco.clean import custom_basename

_TERMS = prepare_default_terms()
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "ł": "l", "Ł": "L", "ı": "i", "đ": "d"})


@lru_cache(maxsize=4096)
def name_key(name: str) -> str:
    """"Fabrikam Seguros S.A." → "fabrikam seguros". Never empty for a name that has letters."""
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    plain = "".join(char for char in plain if not unicodedata.combining(char)).lower().replace("&", " and ")
    base = custom_basename(plain, _TERMS, prefix=False, middle=False, suffix=True) or plain
    words = re.sub(r"[^\w]+", " ", base).strip()
    return words.removeprefix("the ") or re.sub(r"[^\w]+", " ", plain).strip() or plain


def search_text(*names: str) -> str:
    """All the names of one account, normalised, in one text for the trigram index."""
    return "|".join(dict.fromkeys(name_key(name) for name in names if name))
