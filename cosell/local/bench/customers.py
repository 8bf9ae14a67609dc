"""Customer accounts by the million, with names like real ones: the same ones for the same count and seed.

Rows are made in blocks, column by column: drawing a whole column from a ready list is ten times as fast as row by row.
"""

import string
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from random import Random

from cosell.local.bench import names

COLUMNS = [
    "account_id",
    "name",
    "former_names",
    "trade_names",
    "category",
    "parent_account_id",
    "linked_group",
    "duns",
    "domain",
    "address",
    "city",
    "state",
    "postal_code",
    "country",
    "macc",
    "federal",
]
GENERATION = 1  # goes up with every change of what is made: databases of another one are made anew
BLOCK = 16_384

MANAGED, UNMANAGED = 0.04, 0.56  # shares; the rest is Other
CHAIN, NEAR_DUPLICATE, SUBSIDIARY = 0.03, 0.03, 0.06
FORMER_NAME, TRADE_NAME = 0.04, 0.03
NO_FORM, CAPITALS, NO_DUNS, NO_DOMAIN = 0.1, 0.08, 0.15, 0.3
ROWS_A_CHAIN = 50  # on average; the biggest has some thousands

Row = tuple[str, ...]
Place = tuple[str, str, str, str, str]  # address, city, state, postal code, country


@cache
def _language(code: str) -> names.Language:
    return names.language(code)


class _Makers:
    """Ready lists to draw from, one a country."""

    def __init__(self, country: names.Country) -> None:
        random = Random(f"places {country.code}")  # noqa: S311  no secret
        self.country, self.language = country, _language(country.language)
        endings = [form if form.startswith(",") else f" {form}" for form in country.forms]
        self.endings = [form for rank, form in enumerate(endings) for _again in range(24 // (rank + 1))]
        self.endings += [""] * int(len(self.endings) * NO_FORM / (1 - NO_FORM))
        self.places = [self._place(random) for _number in range(512)]
        code = country.code.lower()
        self.domains = [".com", {"us": ".com", "gb": ".co.uk", "br": ".com.br", "jp": ".co.jp"}.get(code, f".{code}")]

    def _place(self, random: Random) -> Place:
        street = random.choice(self.language.streets)
        address = street.format(n=random.randint(1, 1999), f=random.choice(self.language.families))
        letters = str.maketrans({letter: random.choice(string.ascii_uppercase) for letter in "ABCD"})
        postal = "".join(random.choice(string.digits) if sign == "#" else sign for sign in self.country.postal)
        city, state = random.choice(self.country.places[: random.randint(1, len(self.country.places))])
        return address, city, state, postal.translate(letters), self.country.code

    def bases(self, random: Random, count: int) -> list[str]:
        """Names without their legal form."""
        made: list[str] = []
        for recipe, wanted in Counter(random.choices(self.language.recipes, k=count)).items():
            parts = [self._part(random, kind, wanted) for kind in recipe]
            made += map(" ".join, zip(*parts, strict=True))
        return made

    def _part(self, random: Random, kind: str, count: int) -> list[str]:
        if kind == "b":  # a few brands are everywhere, most are one company's
            brands, draw = self.language.brands, random.random
            return [brands[int(len(brands) * draw() ** 3)] for _each in range(count)]
        if kind == "p":
            return [place[1] for place in random.choices(self.places, k=count)]
        if kind in "&o":
            return [self.language.both if kind == "&" else self.language.of] * count
        return random.choices(self.language.words if kind == "w" else self.language.families, k=count)


@cache
def _makers() -> tuple[list[_Makers], list[float]]:
    countries = names.countries()
    return [_Makers(country) for country in countries], [country.weight for country in countries]


@cache
def forms(country: str) -> list[str]:
    """The legal forms that names of a country end with."""
    return [form.lstrip(" ,") for each in names.countries() if each.code == country for form in each.forms]


def accounts(count: int, seed: int = 1) -> Iterator[Row]:
    """`count` rows in the order of COLUMNS."""
    chains = _chains(count, seed)
    for first in range(0, count, BLOCK):
        yield from _Block(first, min(BLOCK, count - first), seed, chains).rows()


def _chains(count: int, seed: int) -> list[tuple[str, _Makers]]:
    """Companies with many entries: name and country."""
    random, (makers, weights) = Random(f"chains {seed}"), _makers()  # noqa: S311  no secret
    wanted = max(1, int(count * CHAIN / ROWS_A_CHAIN))
    return [(maker.bases(random, 1)[0], maker) for maker in random.choices(makers, weights, k=wanted)]


class _Block:
    """Rows `first` + 1 to `first` + `size`. Bases and endings together are the names."""

    def __init__(self, first: int, size: int, seed: int, chains: list[tuple[str, _Makers]]) -> None:
        self.first, self.size, self.chains = first, size, chains
        self.random = Random(f"{seed} {first}")  # noqa: S311  no secret
        self.linked, self.parents = [""] * size, [""] * size
        self.former, self.trade = [""] * size, [""] * size
        self._plain()

    def rows(self) -> list[Row]:
        for change in (self._chain, self._own, self._other_names, self._repeat):
            change()
        ids = [_account_id(self.first + place) for place in range(self.size)]
        titles = [base + ending for base, ending in zip(self.bases, self.endings, strict=True)]
        for place in self._some(CAPITALS):
            titles[place] = titles[place].upper()
        columns = (
            (ids, titles, self.former, self.trade, self.categories, self.parents, self.linked, self.duns),
            (self.domains(), *zip(*self.places, strict=True), *self._marks()),
        )
        return list(zip(*columns[0], *columns[1], strict=True))

    def _some(self, share: float) -> list[int]:
        """Places of this share of the rows."""
        return self.random.sample(range(self.size), round(self.size * share))

    def _plain(self) -> None:
        random, (makers, weights) = self.random, _makers()
        made: list[tuple[str, str, Place, str, _Makers]] = []
        for maker, count in Counter(random.choices(makers, weights, k=self.size)).items():
            endings = random.choices(maker.endings, k=count)
            places, domains = random.choices(maker.places, k=count), random.choices(maker.domains, k=count)
            made += zip(maker.bases(random, count), endings, places, domains, [maker] * count, strict=True)
        random.shuffle(made)
        self.bases, self.endings, self.places, self.tops, self.makers = map(list, zip(*made, strict=True))
        kinds, shares = ("managed", "unmanaged", "other"), (MANAGED, UNMANAGED, 1 - MANAGED - UNMANAGED)
        self.categories = random.choices(kinds, shares, k=self.size)
        self.duns = [f"{int(draw * 1e9):09d}" for draw in (random.random() for _each in range(self.size))]
        for place in self._some(0.1):
            self.duns[place] = f"{self.duns[place][:2]}-{self.duns[place][2:5]}-{self.duns[place][5:]}"
        for place in self._some(NO_DUNS):
            self.duns[place] = ""

    def _chain(self) -> None:
        """One name in many cities, often with the city in it."""
        random = self.random
        for place in self._some(CHAIN):
            number = int(len(self.chains) * random.random() ** 2)
            base, maker = self.chains[number]
            self.places[place], self.endings[place] = random.choice(maker.places), maker.endings[0]
            self.bases[place] = base if random.random() < 0.6 else f"{base} {self.places[place][1]}"
            self.linked[place], self.makers[place] = f"chain {number}", maker

    def _own(self) -> None:
        """Subsidiaries are called after their parent, and often stand in another country."""
        random = self.random
        for place in self._some(SUBSIDIARY):
            parent = random.randrange(self.size)
            if parent == place or self.parents[parent] or self.linked[place]:
                continue  # no circles, and a chain stays a chain
            tail = random.choice((self.places[place][1], random.choice(self.makers[place].language.words)))
            self.bases[place] = f"{self.bases[parent].split(' ', 1)[0]} {tail}"
            self.parents[place] = _account_id(self.first + parent)

    def _other_names(self) -> None:
        for place in self._some(FORMER_NAME):
            older = self.makers[place].bases(self.random, 1)
            if self.random.random() < 0.5:  # what it did was in the name, and it does something else today
                older = [
                    f"{self.bases[place].split(' ', 1)[0]} {self.random.choice(self.makers[place].language.words)}"
                ]
            self.former[place] = f"{older[0]}{self.random.choice(self.makers[place].endings)}"
        for place in self._some(TRADE_NAME):
            words = self.bases[place].split()
            initials = "".join(word[0] for word in words if word[0].isalpha()).upper()
            short = initials if len(initials) > 2 else words[0]
            self.trade[place] = f"{short}|{words[0]} {words[-1]}" if len(words) > 2 else short

    def _repeat(self) -> None:
        """Near-duplicates, as every grown list of customers has them."""
        random = self.random
        for place in self._some(NEAR_DUPLICATE):
            source = random.randrange(self.size)
            self.makers[place], self.places[place] = self.makers[source], self.places[source]
            self.bases[place], self.endings[place] = self.bases[source], self.endings[source]
            self.tops[place] = self.tops[source]
            kind = random.randrange(4)
            if kind < 2:
                self.bases[place] = misspelt(random, self.bases[source])
            elif kind == 2:
                self.endings[place] = random.choice(self.makers[source].endings)
            else:
                self.bases[place] = self.bases[source].replace(" ", random.choice(("", "-", "  ")), 1)

    def domains(self) -> list[str]:
        made = [
            f"{base.translate(_SLUG).lower()[:40]}{(self.first + place) % 9973}{top}"
            for place, (base, top) in enumerate(zip(self.bases, self.tops, strict=True))
        ]
        for place in self._some(NO_DOMAIN):
            made[place] = ""
        return made

    def _marks(self) -> tuple[list[str], list[str]]:
        draws = [self.random.random() for _each in range(self.size)]
        macc = [
            "yes" if one == "managed" and draw < 0.2 else "" for one, draw in zip(self.categories, draws, strict=True)
        ]
        federal = [
            "yes" if one == "other" and draw < 0.03 and place[4] == "US" else ""
            for one, draw, place in zip(self.categories, draws, self.places, strict=True)
        ]
        return macc, federal


def _account_id(place: int) -> str:
    return f"B{place + 1:09d}"


def misspelt(random: Random, text: str) -> str:
    """One letter missing, doubled, wrong or swapped with its neighbour, not at the very front."""
    at = random.randrange(1, max(2, len(text) - 1))
    before, here, after = text[:at], text[at : at + 1], text[at + 1 :]
    return random.choice(
        (before + after, before + here + here + after, before + random.choice("aeinorst") + after)
        + ((before + after[0] + here + after[1:],) if after else ())
    )


class _Slug(dict[int, str | None]):
    """For str.translate: letters and digits of plain ASCII stay, accents go, all else goes."""

    def __missing__(self, code: int) -> str | None:
        plain = unicodedata.normalize("NFKD", chr(code)).encode("ascii", "ignore").decode()
        self[code] = "".join(sign for sign in plain if sign.isalnum()) or None
        return self[code]


_SLUG = _Slug({ord("ß"): "ss", ord("ø"): "o", ord("ł"): "l", ord("Ł"): "L", ord("ı"): "i", ord("æ"): "ae"})
