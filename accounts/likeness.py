"""How alike what was typed and a name are: 0 to 100, word by word, so that the reason can be said (product.md §4).

Every word of the query looks for its best partner in the name. Words weigh by how much they tell: "services" little,
a word that few accounts hold much.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, Prefix

from accounts.names import LEGAL_WORDS, initials_of, join, words_of

SAME_START = 0.95  # of a word whose beginning was typed last
LEAST_WORD = 0.55  # a partner less alike than this is none
RARE = 100_000  # accounts among which a word's frequency is judged, at the least

# Words of what companies do and are, and of where: they tell little apart. In the folded spelling of `names`.
_TELLS_LITTLE = """
group groupe grupo gruppe grup gruppo holding holdings holdco company companhia compania compagnie comp corporation
services service servicos servicios servizi dienstleistungen hizmetleri uslugi solutions solucoes soluciones losungen
systems sistemas systeme systemes technologies technology tecnologia tecnologias technologie teknoloji tech technik
international internacional internationale internazionale uluslararasi global world worldwide national nacional
nationale general generale industries industria industrias industrie industriel industrial sanayi przemysl
enterprises enterprise empresa empresas entreprise trading trade comercio comercial commerciale handel handels
ticaret partners partner associates associados asociados consulting consultoria consultores consultants management
gestao gestion engineering engenharia ingenieria ingenirie muhendislik logistics logistica logistik logistique
lojistik transport transportes transports distribution distribuidora distributors wholesale retail stores store shop
market markets foods food alimentos alimentaria products produtos productos manufacturing manufactura fabrication
productions construction construcoes construcciones construtora constructora bau insaat real estate properties
property imobiliaria inmobiliaria immobilien investments investimentos inversiones capital finance financial
financeira seguros insurance assurances versicherung sigorta bank banco banque banka bankasi banca bancorp health
healthcare saude salud hospital hospitals clinic clinica medical pharma media digital software data network networks
energy energia energie enerji university universidade universidad universite universitat universitesi uniwersytet
college school escola institute instituto foundation fundacao fundacion stiftung association associacao center centre
centro north south east west norte sul sur nord sud new first united american europe european europa brasil brazil
deutschland germany france india mexico espana spain portugal italia italy japan polska poland turkiye turkey
nederland suisse schweiz canada usa uk americas america latin latam asia pacific africa iberia iberica sons filhos
hijos fils sohne bros brothers irmaos hermanos city ministry department branch filiale sucursal division konzern
headquarters hq head office matriz sede medicine faculty divisao grubu grubo faculdade medicina facultad fakultat
wydzial
"""
TELLS_LITTLE = frozenset(_TELLS_LITTLE.split())

# What people write short; read both ways.
_SHORT = """
intl: international internacional internationale; int: international; mfg: manufacturing; mfr: manufacturer
univ: university universidade universidad universite universitat universita uniwersytet; uni: university universitat
bros: brothers; natl: national; nat: national; svcs: services; svc: service services
serv: services servicos servicios; tech: technology technologies technical; sys: systems; grp: group
assoc: associates association; assn: association; inst: institute institut instituto
ind: industria industrias industries industrial; inds: industries; cia: companhia compania compagnia; cie: compagnie
cos: companies; gle: generale; gral: general; ste: societe sainte; com: comercio comercial comercializadora
dist: distribuidora distribution distributors; soc: sociedade sociedad societe; ges: gesellschaft
gesell: gesellschaft; dept: department; dep: department departamento; min: ministry ministerio; govt: government
ctr: center centre; cntr: center centre; hosp: hospital; med: medical; pharm: pharmaceuticals pharmaceutical
lab: laboratories laboratory; labs: laboratories; eng: engineering engenharia; engg: engineering; mgmt: management
mkt: market marketing; fin: financial finance; ins: insurance; bk: bank; bco: banco; st: saint street; sta: santa
sto: santo; mt: mount; ft: fort; amer: american; am: american america; elec: electric electronics electrical
elect: electric electronics; equip: equipment; prod: products productions; prods: products; dev: development
transp: transport transportes; log: logistics logistica; fdn: foundation; fund: foundation fundacao fundacion
hnos: hermanos; irms: irmaos; gebr: gebruder; const: construction construcoes construtora
constr: construction construcoes construtora; energ: energia; imp: importadora; exp: exportadora; adm: administradora
prop: properties; inv: investments; hldg: holding; hldgs: holdings; ent: enterprises; auto: automobile automotive
telecom: telecommunications telecomunicacoes telecomunicaciones; comms: communications; comm: communications
bldg: building; chem: chemical chemicals; petro: petroleum petroleo; san: sanayi; tic: ticaret; fab: fabrica fabrik
wks: works; rly: railway; rlwy: railway; cons: consulting consultoria; info: information; wm: william; chas: charles
geo: george; thos: thomas; jos: joseph; sao: santo
"""


def _short_forms() -> dict[str, frozenset[str]]:
    """Each word with what it may stand for, both ways."""
    ways: dict[str, set[str]] = {}
    for entry in re.split(r"[;\n]", _SHORT.strip()):
        short, _colon, long = entry.partition(":")
        for word in long.split():
            ways.setdefault(short.strip(), set()).add(word)
            ways.setdefault(word, set()).add(short.strip())
    return {word: frozenset(others) for word, others in ways.items()}


SHORT_FORMS = _short_forms()


def is_legal(word: str) -> bool:
    """A legal form, also with a slip of the pen in a long one or two letters swapped ("Compny", "Icn")."""
    if word in LEGAL_WORDS:
        return True
    if len(word) == 3:
        return "".join(sorted(word)) in _SWAPPED
    return len(word) >= 6 and any(OSA.distance(word, form, score_cutoff=1) <= 1 for form in _LONG_LEGAL)


_SWAPPED = {"".join(sorted(word)) for word in ("inc", "ltd", "llc", "plc")}
_LONG_LEGAL = [word for word in LEGAL_WORDS if len(word) >= 6]


@lru_cache(maxsize=65536)
def _given_weight(word: str) -> float:
    return 0.35 if word in TELLS_LITTLE or len(word) == 1 else 0.1 if word in LEGAL_WORDS else 1.0


def weight(word: str, frequency: int | None = None, accounts: int = RARE) -> float:
    """How much a word tells, 0.1 to 1; `frequency` of `accounts` hold it, None where nobody asked."""
    given = _given_weight(word)
    if not frequency:
        return given
    of = max(accounts, RARE)
    return max(0.1, min(given, math.log((of + 1) / (frequency + 1)) / math.log(of / 20)))


@lru_cache(maxsize=65536)
def word_likeness(typed: str, word: str, *, is_last: bool = False) -> float:
    """Two words, 0 to 1: the same, a short form, the beginning, or a few letters apart."""
    if typed == word:
        return 1.0
    if word in SHORT_FORMS.get(typed, ()):
        return 0.96
    if word.startswith(typed) and len(typed) >= (1 if is_last else 3):
        return SAME_START if is_last else 0.85
    short, long = sorted((len(typed), len(word)))
    allowed = 0 if short <= 2 else 1 if short <= 5 else 2 if short <= 9 else 3
    if allowed and long - short <= allowed:
        apart = OSA.distance(typed, word, score_cutoff=allowed)
        if apart <= allowed:
            return 1 - 1.1 * apart / long - (0.06 if typed[0] != word[0] else 0)
    if is_last and short >= 4 and len(typed) < len(word):
        apart = OSA.distance(typed, word[: len(typed)], score_cutoff=1)
        if apart <= 1:
            return 0.75
    same = Prefix.similarity(typed, word)
    if same >= 5 and same >= 0.7 * long:
        return 0.8
    return 0.75 if typed.startswith(word) and len(word) >= 5 else 0.0


def _are_letters(words: Sequence[str]) -> bool:
    return len(words) == 1 or max(map(len, words), default=9) <= 3


def _runs(word: str, words: Sequence[str]) -> list[tuple[int, ...]]:
    """Where the first letters of neighbours make the word: "IIT" of "Indian Institute Technology Bombay"."""
    length = len(word)
    if not 2 <= length <= min(5, len(words)):
        return []
    first = "".join(other[0] for other in words)
    return [tuple(range(at, at + length)) for at in range(len(words) - length + 1) if first[at : at + length] == word]


class Asked:
    """What was typed, ready to be compared with many names."""

    def __init__(self, typed: str, frequencies: Mapping[str, int] | None = None, accounts: int = RARE) -> None:
        self._lower = typed.strip().lower()
        self.words = words_of(typed)
        self.joined = "".join(self.words)
        self.key = " ".join(self.words)
        # "IBM", "AP-HP": a name given by its letters
        self.letters = self.joined if 2 <= len(self.joined) <= 6 and _are_letters(self.words) else ""
        self.is_capital = len(typed.strip()) > 2 and typed.isupper()
        self.initials = initials_of(typed)
        self.reads_on = not typed.endswith(" ")  # the last word may not be finished
        self._finished = frozenset(self.words[:-1])
        self._known: dict[str, float] = {}
        self.learn(frequencies or {}, accounts)

    def learn(self, frequencies: Mapping[str, int], accounts: int) -> None:
        """How many accounts hold each word."""
        self.weights = [
            0.1 if _given_weight(word) == 1 and is_legal(word) else weight(word, frequencies.get(word), accounts)
            for word in self.words
        ]
        self._frequencies, self._accounts = frequencies, accounts
        self._known.clear()

    def stands_in(self, key: str) -> bool:
        """Is every word in the name as it was typed, the last maybe unfinished?"""
        words = key.split()
        return {*self.words[:-1]} <= {*words} and any(word.startswith(self.words[-1]) for word in words)

    def spelling(self, name: str) -> float:
        """0 to 1: a little more for the very spelling that was typed, with its legal form."""
        return fuzz.ratio(self._lower, name.lower()) / 100

    def likeness(self, key: str, place: Collection[str] = ()) -> float:
        """0 to 100 for one normalised name; `place` are words of the account's city, which may stand in the query."""
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._likeness(key)
        if found < 80 and place and not set(place).isdisjoint(self.words):
            return max(found, self._without(frozenset(place), key))
        return found

    def _likeness(self, key: str) -> float:
        if key == self.key:
            return 100.0
        words = key.split()
        if (plain := self._plainly(words)) is not None:
            return plain
        scores = [self._by_words(self.words, self.weights, words), self._joined(key, words)]
        if self.initials and words and words[0] in self.initials:
            little = all(_given_weight(word) < 1 for word in words[1:])
            scores.append(86.0 if len(words) == 1 else 72.0 if little and len(words[0]) > 2 else 0.0)
        return max(scores)

    def _plainly(self, words: Sequence[str]) -> float | None:
        """The commonest case, quickly: every word of the query stands in the name, the last maybe unfinished."""
        held = self._finished
        if not held.issubset(words):
            return None
        last = self.words[-1]
        alike = 1.0
        if last not in words:
            begun = [word for word in words if word.startswith(last)] if self.reads_on else ()
            if not begun:
                return None
            held, alike = (
                held | {begun[0]},
                (sum(self.weights[:-1]) + SAME_START * self.weights[-1]) / sum(self.weights),
            )
        else:
            held = held | {last}
        every = told = 0.0
        for word in words:
            weight = _given_weight(word)
            every += weight
            if word in held:
                told += weight
        return 100 * alike * (0.82 + 0.18 * told / every) * (1 if words[0] in held or 2 * told >= every else 0.97)

    def _without(self, place: frozenset[str], key: str) -> float:
        kept = [(word, weight) for word, weight in zip(self.words, self.weights, strict=True) if word not in place]
        if not kept:
            return 0.0
        words, weights = [word for word, _ in kept], [weight for _, weight in kept]
        return self._by_words(words, weights, key.split()) - 2

    def _by_words(self, typed: Sequence[str], weights: Sequence[float], words: Sequence[str]) -> float:
        """Weighed share of the query that the name holds, and, counting less, of the name that the query holds."""
        partner = self._partners(typed, words)
        held = sum(weight * partner.get(index, (0.0, ()))[0] for index, weight in enumerate(weights))
        asked_for = held / sum(weights)
        said = {position for _likeness, positions in partner.values() for position in positions}
        of_words = [weight(word) for word in words]
        told = sum(w for position, w in enumerate(of_words) if position in said) / (sum(of_words) or 1)
        unasked = [word for index, word in enumerate(typed) if index not in partner]
        score = 100 * asked_for * (0.82 + 0.18 * told)
        if unasked:
            if len(words) > 1 and list(typed[: len(words)]) == list(words) and max(of_words) == 1:
                score = max(score, 78.0)  # the whole name, then a department of it
            if all(weight(word) < 1 for word in unasked) and told > 0.95 and asked_for > 0.3:
                best = max((likeness for likeness, _positions in partner.values()), default=0.0)
                return max(score, 82 * best)
            if len(said) < len(words):
                score *= 0.9  # each has words that the other lacks
        elif partner and 0 not in said and told < 0.5:
            score *= 0.97
        return score

    def _partners(self, typed: Sequence[str], words: Sequence[str]) -> dict[int, tuple[float, tuple[int, ...]]]:
        """For each word of the query its partner: how alike, and which words of the name. Best pairs first."""
        last = len(typed) - 1 if self.reads_on and typed and typed[-1] == self.words[-1] else -1
        pairs: list[tuple[float, float, int, tuple[int, ...]]] = []
        for index, word in enumerate(typed):
            for position, other in enumerate(words):
                alike = word_likeness(word, other, is_last=index == last)
                if alike >= LEAST_WORD:
                    pairs.append((alike - abs(index - position) / 1000, alike, index, (position,)))
            for position, (first, second) in enumerate(pairwise(words)):
                alike = word_likeness(word, join(first, second), is_last=index == last) if len(word) > 3 else 0
                if alike >= 0.8:
                    pairs.append((alike, alike, index, (position, position + 1)))
            pairs += [(0.9, 0.9, index, run) for run in _runs(word, words)]
        for index, (first, second) in enumerate(pairwise(typed)):
            for position, other in enumerate(words):
                alike = word_likeness(join(first, second), other) if len(other) > 3 else 0
                if alike >= 0.8:
                    pairs += [(alike, alike, index, (position,)), (alike, alike, index + 1, (position,))]
        pairs.sort(key=lambda pair: -pair[0])
        partner: dict[int, tuple[float, tuple[int, ...]]] = {}
        taken: dict[int, tuple[float, int]] = {}
        for order, alike, index, positions in pairs:
            free = all(p not in taken or (taken[p][0] == order and abs(taken[p][1] - index) == 1) for p in positions)
            if index not in partner and free:
                partner[index] = (alike, positions)
                taken |= dict.fromkeys(positions, (order, index))
        return partner

    def _joined(self, key: str, words: Sequence[str]) -> float:
        """Spaces set otherwise: "North Wind Traders", "Northwind Traders"."""
        joined = key.replace(" ", "")
        if len(self.joined) < 5 or len(joined) < 5:
            return 0.0
        if joined == self.joined:
            return 98.0
        if joined.startswith(self.joined):
            return 90.0
        alike = OSA.normalized_similarity(self.joined, joined, score_cutoff=0.85)
        if alike and len(words) == len(self.words) == 1:
            alike -= 0.02
        return 100 * alike - 4 if alike else 0.0
