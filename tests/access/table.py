"""The words of the access matrix: the cast, who is concerned by what, a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ANONYMOUS = "anonymous"
CAST = {
    ANONYMOUS: "",
    "ana": "ana.souza@contoso.example",  # admin, entire company
    "julia": "julia.campos@contoso.example",  # admin of São Paulo (and so of the global location)
    "rui": "rui.prado@contoso.example",  # user, entire company
    "tom": "tom.fisher@contoso.example",  # user, London
    "vera": "vera.novak@contoso.example",  # viewer
    "diego": "diego.reyes@contoso.example",  # account and solution admin: no deals
    "priya": "priya.nair@northlake.example",  # admin of an invited partner
    "sam": "sam.okoro@northlake.example",  # user there, on no team
    "mia": "mia.berg@relecloud.example",  # admin of a partner that nobody invited
    "lee": "lee.chan@microsoft.example",  # seller of other markets
    "beatriz": "beatriz.lima@microsoft.example",  # seller of the customer's market
    "noor": "noor.haddad@microsoft.example",  # reviewer
    "erik": "erik.holm@microsoft.example",  # vendor admin
    "operator": "operator@cosell.example",  # superuser in no organization
}
SIGN_IN, ADMIN_SIGN_IN = "sign-in", "admin sign-in"
Answer = int | str
Expected = dict[str, Answer]


def answers(*some: tuple[str, Answer], others: Answer, anonymous: Answer = SIGN_IN) -> Expected:
    """Everybody's answer: `others`, but for the people named."""
    named = {name: answer for names, answer in some for name in names.split()}
    assert named.keys() <= CAST.keys()
    return {name: named.get(name, anonymous if name == ANONYMOUS else others) for name in CAST}


@dataclass(frozen=True)
class Row:
    """One URL with its arguments, and what each method answers; one without an entry is 405 for who is signed in."""

    name: str
    kwargs: dict[str, Any] = field(default_factory=dict)
    get: Expected | None = None
    post: Expected | None = None
    data: dict[str, Any] = field(default_factory=dict)
    about: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.about}".strip()


# Sides of deals, who sees each, who may change it, and which colleagues are told why they may not open it. Everybody
# else is told that it does not exist.
@dataclass(frozen=True)
class Side:
    sees: str
    changes: str
    told: str = ""


SIDES = {
    # Contoso's own side, São Paulo, Rui on the team, shared with Microsoft and Northlake
    "sao_paulo": Side(sees="ana julia rui vera", changes="ana julia rui", told="tom diego"),
    # Contoso's own side, London, Tom on the team, private
    "london": Side(sees="ana tom vera", changes="ana tom", told="julia rui diego"),
    # Contoso's own side, São Paulo, nobody but Ana on the team, partner-led: Microsoft looks on
    "partner_led": Side(sees="ana julia vera beatriz noor erik", changes="ana julia", told="rui tom diego"),
    # Microsoft's side of the first one, a Brazilian customer
    "host": Side(sees="beatriz noor erik", changes="beatriz erik", told="lee"),
    # Northlake's side of the first one
    "northlake": Side(sees="priya", changes="priya", told="sam"),
    # Contoso's side of what Microsoft sent: at the global location, nobody on the team yet
    "received": Side(sees="ana julia vera", changes="ana julia", told="rui tom diego"),
    # Microsoft's own side of it, an American customer, Lee on the team
    "sent": Side(sees="lee noor erik", changes="lee erik", told="beatriz"),
}


# The won deal (Contoso, São Paulo, Ana and Rui on the team, partner-led) and what hangs on it, for the claiming side
# and, of the registration, for the host's reviewers. In a row: kwargs={"uid": "won" | "registration" | "file" |
# "receipt" | "exception"}.
REGISTERED = Side(sees="ana julia rui vera beatriz noor erik", changes="ana julia rui", told="tom diego")


def of_registration(partner: Answer, reader: Answer, reviewer: Answer) -> Expected:
    """What is got of the registration by who may change it, who may only read it, and the host's reviewers.

    Of its deal, colleagues without the right are told why; to all others there is none.
    """
    return answers(
        ("ana julia rui", partner), ("vera", reader), ("noor erik", reviewer), ("tom diego operator", 403), others=404
    )


def seen_by(side: str, answer: Answer = 200) -> Expected:
    """403 for colleagues who do not, and for the operator, who belongs to no organization; 404 for strangers."""
    return answers((SIDES[side].sees, answer), (f"{SIDES[side].told} operator", 403), others=404)


def changed_by(side: str, answer: Answer) -> Expected:
    """403 also for who sees it without the right."""
    readers = " ".join(set(SIDES[side].sees.split()) - set(SIDES[side].changes.split()))
    return answers((SIDES[side].changes, answer), (f"{readers} {SIDES[side].told} operator", 403), others=404)


def of_case(answer: Answer) -> Expected:
    """What the host's reviewers get of a case of account matching; to all others there is none."""
    return answers(("noor erik", answer), ("operator", 403), others=404)


EVERYBODY = answers(others=200)
OPEN = answers(others=200, anonymous=200)
MEMBERS = answers(("operator", 403), others=200)
MATCHERS, MERGES = answers(("noor erik", 200), others=403), ("noor erik", 302)
# "match" comes with an account; "answer" is the partner's, on the page of the deal
NO_DECISIONS = [(word, 404, 404) for word in ("match", "answer", "nonsense")]
MATCH_DECISIONS = [("ask", 200, 422), ("no-match", 200, 422), ("undo", 409, 409), *NO_DECISIONS]
READ_IT = ("vera beatriz noor erik rui tom diego operator", 403)
CREATORS = "ana julia rui tom priya sam mia lee beatriz"
VENDOR = "lee beatriz noor erik"
