"""Customer names made comparable: accents, case, punctuation and legal forms do not tell companies apart."""

import re
import unicodedata
from functools import lru_cache

from cleanco import prepare_default_terms
from cleanco.clean import custom_basename

_TERMS = prepare_default_terms()
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "ł": "l", "Ł": "L", "ı": "i", "đ": "d"})
# Legal forms that cleanco does not know, or not so written.
_SLASHED = re.compile(r"\b([a-z])/([a-z])\b")  # S/A, A/S
_AT_END = re.compile(r"(\s+(and|eireli|epp|limited liability)|(?<=ltda)\W+me|株式会社|有限会社|合同会社|有限公司)\W*$")
_AT_START = re.compile(r"^(株式会社|有限会社|合同会社|(ооо|оао|зао|пао|ао)\b)\W*")


@lru_cache(maxsize=4096)
def name_key(name: str) -> str:
    """ "Fabrikam Seguros S.A." → "fabrikam seguros". Never empty for a name that has letters."""
    plain = _plain(name)
    words = _words(_without_form(plain))
    return words.removeprefix("the ") or _words(plain) or plain


def _plain(name: str) -> str:
    """Lower case without accents: é and e, & and "and", O'Neill and ONeill are the same."""
    text = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    text = "".join(char for char in text if not unicodedata.combining(char)).lower()
    return _SLASHED.sub(r"\1\2", re.sub(r"['’`´]", "", text).replace("&", " and ").strip())


def _without_form(name: str) -> str:
    """Legal forms stand one behind the other ("GmbH & Co. KG"): taken off until none is left, or nothing would be."""
    while True:
        shorter = custom_basename(_AT_START.sub("", name), _TERMS, prefix=False, middle=False, suffix=True)
        shorter = _AT_END.sub("", shorter).strip()
        if shorter == name or not _words(shorter):
            return name
        name = shorter


def _words(text: str) -> str:
    """Only words; an initial at the front joins the next one, as people type it ("A. Datum", "Adatum")."""
    return re.sub(r"^(\w) (?=\w)", r"\1", re.sub(r"[^\w]+", " ", text).strip())


def search_text(*names: str) -> str:
    """All the names of one account, normalised, in one text for the trigram index."""
    return "|".join(dict.fromkeys(name_key(name) for name in names if name))
