"""Names made comparable: accents, case, punctuation, small words and legal forms do not tell companies apart.

Everything that is searched by is made here once, when a name is written; the same functions read what a person types.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from cleanco.termdata import terms_by_country, terms_by_type

_LETTERS = str.maketrans(
    {"ß": "ss", "ẞ": "ss", "ø": "o", "Ø": "o", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ł": "l", "Ł": "l",
     "ı": "i", "đ": "d", "Đ": "d", "ð": "d", "þ": "th", "'": "", "’": "", "`": "", "´": "", "ʻ": ""}
)  # fmt: skip
_DOTTED = re.compile(r"\b(?:\w\. ?){2,}(?:\w\b(?!\.))?")  # S.A., G.m.b.H., I.B.M.
_SLASHED = re.compile(r"\b(\w)/(\w)\b")  # S/A, A/S
_PAIR = re.compile(r"\b(\w{1,2}) ?[&+] ?(\w{1,2})\b")  # AT&T, H&M
_DIGRAPH = re.compile(r"(?<!q)([aou])e")  # Muenchen and München
_ADDRESS = re.compile(r"^(\w+://)?([^/@]*@)?(www\.)?|[/:?#].*$")
_WORD = re.compile(r"\w+")
_CJK_FORM = re.compile("株式会社|有限会社|合同会社|股份有限公司|有限公司|주식회사")

_SMALL = """and the of for de da do das dos del della di du des d la le les los las el der die und von van e y et i ve
na zu zum zur fur im in at a o os as"""
SMALL = frozenset(_SMALL.split())
# Short forms that are words or places more often than they are legal forms.
_WORDS_FIRST = (
    """uk ok at et da bl ba sp sd ad nl ee e ud fa dat ent sem etat tapui a spol pp fop sep ij ps ik of coop"""
)
# The library has the short forms; people also write them out.
_LONG_FORMS = """
aktiengesellschaft|gesellschaft mit beschrankter haftung|gesellschaft mbh|kommanditgesellschaft|eingetragener verein
mbh|se|societas europaea|sociedade anonima|sociedad anonima|sociedad anonima de capital variable|sociedad limitada
societe anonyme|societe par actions simplifiee|societe a responsabilite limitee|societa per azioni
societa a responsabilita limitata|limitada|limitada me|ltda me|ltda epp|me|epp|eireli|mei|sociedade unipessoal lda
unipessoal lda|unipessoal|sgps sa|sa de cv|s de rl de cv|sapi de cv|sab de cv|sociedad de responsabilidad limitada
public limited company|private limited|private limited company|pvt limited|pvt ltd|limited liability company
limited liability partnership|limited partnership|proprietary limited|pty limited|pty|lc|pc|npc|ltd co|co ltd|co inc
kabushiki kaisha|kabushiki gaisha|kabushikikaisha|kk|yugen kaisha|godo kaisha|spolka akcyjna
spolka z ograniczona odpowiedzialnoscia|spolka z oo|sp z oo|spzoo|anonim sirketi|anonim sti|limited sirketi|ltd sti
as sti|sanayi ve ticaret as|san ve tic as|san tic as|san ve tic ltd sti|naamloze vennootschap|nv|bv
besloten vennootschap|aktiebolag|aktiebolaget|publ|ab publ|aksjeselskap|allmennaksjeselskap|aktieselskab
anpartsselskab|aps|osakeyhtio|osakeyhtio oyj|oy ab|ek|eg|ug|ug haftungsbeschrankt|gesmbh|co kg|ltee|limitee|fze|fzco
fzc|fz llc|nig ltd|nigeria ltd|soc coop|soc coop arl|scarl|sac|saa|eirl|tic ltd sti|tic as|sanayi as|sanayi ltd sti
ticaret as|ticaret ltd sti|jsc|ojsc|pjsc|cjsc|wll|bsc|qsc|psc|tbk|persero tbk|oue|ou|eood|ood|ead|sp j|sp k|spj|spk
berhad|sendirian berhad|sdn berhad|pte limited|sociedad por acciones simplificada|sas|spa|srl|sl|slu|sau|sarl|sasu
incorporated company|and co|corporate
"""


def _plain(name: str) -> str:
    if name.isascii():
        return name.replace("'", "").replace("`", "").lower()
    text = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    return "".join([char for char in text if not unicodedata.combining(char)]).lower()


def _tokens(name: str) -> list[str]:
    """Lower-case words without accents; dotted and slashed letters are one word, single letters join."""
    text = _plain(name)
    if "/" in text:
        text = _SLASHED.sub(r"\1\2", text)
    if "." in text:
        text = _DOTTED.sub(lambda found: found[0].replace(".", "").replace(" ", "") + " ", text)
    if "&" in text or "+" in text:
        text = _PAIR.sub(r"\1\2", text)
    words = _WORD.findall(text.replace("_", " "))
    return [_fold(word) for word in words] if "e" in text else words


def _fold(word: str) -> str:
    """Letters that some write as two are one; not in three letters, which may be initials."""
    return _DIGRAPH.sub(r"\1", word) if len(word) > 3 else word


def join(first: str, second: str) -> str:
    """Two words as one: "neo", "energia" as in "Neoenergia"."""
    return _fold(first + second)


def _forms() -> dict[str, frozenset[tuple[str, ...]]]:
    """Legal forms as words, by their last word."""
    known = [term for table in (terms_by_type, terms_by_country) for terms in table.values() for term in terms]
    known += _LONG_FORMS.replace("\n", "|").strip("|").split("|")
    forms = {tuple(word for word in _tokens(term) if word != "and") for term in known}
    kept = {form for form in forms if form and not (len(form) == 1 and form[0] in _WORDS_FIRST.split())}
    return {last: frozenset(f for f in kept if f[-1] == last) for last in {form[-1] for form in kept}}


_FORMS = _forms()
_LONGEST = max(len(form) for forms in _FORMS.values() for form in forms)
_IN_FRONT = (("pt",), ("ooo",), ("oao",), ("zao",), ("ооо",), ("оао",), ("зао",), ("пао",), ("ао",),
             ("kabushiki", "kaisha"), ("sociedad", "anonima"))  # fmt: skip
LEGAL_WORDS = frozenset(form[0] for forms in _FORMS.values() for form in forms if len(form) == 1)


@lru_cache(maxsize=65536)
def _read(name: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The words of a name, and how it may be shortened to letters."""
    if not name.isascii():
        name = _CJK_FORM.sub(" ", name) if _CJK_FORM.sub("", name).strip() else name
    tokens = _tokens(name)
    long = _without_form(tokens)
    joined = _join_letters(long)
    short = [word for word in joined if word not in SMALL]
    letters = ["".join([word[0] for word in words]) for words in (tokens, long, short)]
    letters.append(letters[2][:-1] if len(short) > 3 else "")  # "IIT" of "Indian Institute of Technology Bombay"
    return tuple(short or joined), frozenset(each for each in letters if 2 <= len(each) <= 6)


def words_of(name: str) -> tuple[str, ...]:
    """ "The Fabrikam & Sons Seguros S.A." → ("fabrikam", "sons", "seguros"). Empty only without a letter or digit."""
    return _read(name)[0]


def _without_form(tokens: list[str]) -> list[str]:
    """Legal forms stand one behind the other ("GmbH & Co. KG"): taken off until none is left, or nothing would be."""
    words = [word for word in tokens if word != "and"] or tokens
    for form in _IN_FRONT:
        if words[:1] == [form[0]] and len(words) > len(form) and tuple(words[: len(form)]) == form:
            words = words[len(form) :]
    while len(words) > 1 and (forms := _FORMS.get(words[-1])):
        for length in range(min(_LONGEST, len(words) - 1), 0, -1):
            if tuple(words[-length:]) in forms:
                words = words[:-length]
                break
        else:
            return words
    return words


def _join_letters(words: list[str]) -> list[str]:
    """Single letters make one word; one at the front joins the next, as people type it ("A. Datum", "Adatum")."""
    if 1 not in map(len, words):
        return words
    joined: list[str] = []
    open_end = False  # the word before is letters that the next may join
    for index, word in enumerate(words):
        is_single = len(word) == 1 and word.isalpha()
        if open_end and (is_single or index == 1):
            joined[-1] += word
        else:
            joined.append(word)
        open_end = is_single
    return joined


def name_key(name: str) -> str:
    """ "Fabrikam Seguros S.A." → "fabrikam seguros". Never empty for a name that has any character."""
    return " ".join(words_of(name)) or _plain(name).strip()


def bare_domain(text: str) -> str:
    """Without the rest of an address of web or mail: "https://www.contoso.example/de" → "contoso.example"."""
    return _ADDRESS.sub("", text.strip().lower())


def initials_of(name: str) -> frozenset[str]:
    """ "Bank of America Corp." → {"ba", "boa", "boac"}: how a name of several words may be shortened."""
    return _read(name)[1]


class Searched(NamedTuple):
    """What an account is found by: its own name in order, every name one a line, and the words with the place."""

    search_name: str
    search_text: str
    search_vector: str


def searched(
    name: str, others: Iterable[str], *, category: str, country: str, state: str = "", city: str = ""
) -> Searched:
    """The search columns of an account; `others` are its further names, a parent's last."""
    keys: dict[str, None] = {}
    found_by = place_marks(category=category, country=country, state=state, city=city)
    for each in (name, *others):
        if each:
            words = words_of(each)
            keys[name_key(each)] = None
            found_by.update(words)
            found_by.update([join(first, second) for first, second in pairwise(words)])
            found_by.update([f"={letters}" for letters in initials_of(each)])
    return Searched(next(iter(keys))[:200], "\n".join(keys), vector_text(found_by))


def place_marks(*, category: str = "", country: str = "", state: str = "", city: str = "") -> set[str]:
    """The words of an account that are not of its name; no name has these characters."""
    given = {"~": category, "@": country, "#": name_key(state), "%": name_key(city)}
    return {f"{mark}{value}" for mark, value in given.items() if value}


def quoted(word: str) -> str:
    """A word as tsvector and tsquery read it."""
    if "'" in word or "\\" in word:
        word = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{word}'"


def vector_text(words: Iterable[str]) -> str:
    return " ".join([quoted(word[:250]) for word in words])


def name_words(keys: str | Sequence[str]) -> set[str]:
    """The distinct words of search texts: what the lexicon learns. Words joined by two are not among them."""
    texts = [keys] if isinstance(keys, str) else keys
    return {word for text in texts for word in text.split()}
