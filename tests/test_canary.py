"""The canary crawl: secret facts carry words of their own, and nobody else meets them by any way (quality.md, Access).

Each person starts at the own pages, clicks on everything, then tries every address of the project with the ids of
everybody's deals, and searches for the words themselves. Their mail, the admin and the log are read as well.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from accounts.models import User
from cosell.events import letters
from cosell.events.enums import Channel
from cosell.events.models import Delivery
from deals import disclosure, lists
from deals.enums import Action
from deals.queries import DealQuerySet
from tests.canary.crawl import Crawl, Log, Step, text_of
from tests.canary.world import OPERATED, PEOPLE, Canary, World, build
from tests.cast import user
from tests.test_access_matrix import walk

pytestmark = pytest.mark.django_db

STARTS = (
    *("/", "/drafts/", "/opportunities/new/", "/profile/", "/bell/", "/matching/waiting/", "/review/"),
    *(f"/opportunities/{tab.slug}/" for tab in lists.TABS),
)
# In every run these people click and try for a while; all of them, everywhere, by `make canary`.
SOME = ("mia",)
A_WHILE, TO_THE_END = 25, 100_000
TRIED = ("private", "registered")  # with the ids of these sides


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


def signed_in(name: str) -> Client:
    client = Client(raise_request_exception=True, headers={"accept-language": "en"})
    client.force_login(User.objects.get(email="operator@cosell.example") if name == "operator" else user(name))
    return client


class Reader:
    """Reads answers for words that `name` must not meet."""

    def __init__(self, forbidden: list[Canary]) -> None:
        self.forbidden, self.met = forbidden, []
        self._any = re.compile("|".join(each.pattern.pattern for each in forbidden), re.IGNORECASE)

    def __call__(self, step: object, text: str) -> None:
        if self._any.search(text):
            self.met += [f"{each.fact}: {step}" for each in self.forbidden if each.pattern.search(text)]


# ------------------------------------------------------------------------------------------------------- the person


def crawl(name: str, world: World, most: int = A_WHILE) -> tuple[Reader, Crawl]:
    """Everything that can be clicked."""
    reader = Reader(world.forbidden(name))
    person = Crawl(signed_in(name), reader, most)
    person.run(STARTS)
    return reader, person


@pytest.mark.parametrize("name", SOME)
def test_nobody_meets_anothers_secret(name: str, world: World) -> None:
    reader, log = everything(name, world, A_WHILE)
    assert reader.met == []
    assert log == []


@pytest.mark.canary
@pytest.mark.parametrize("name", PEOPLE)
def test_nobody_meets_anothers_secret_to_the_end(name: str, world: World) -> None:
    reader, log = everything(name, world, TO_THE_END)
    assert reader.met == []
    assert log == []


def everything(name: str, world: World, most: int) -> tuple[Reader, list[str]]:
    """By clicking, then by every address of the project; and the lines of the log that hold a secret."""
    log = Log()
    logging.getLogger().addHandler(log)
    try:
        reader, person = crawl(name, world, most)
        assert person.asked > 20
        to_the_end = most == TO_THE_END
        for step in foreign_addresses(world, list(world.sides) if to_the_end else TRIED, all_things=to_the_end):
            person.ask(step)
    finally:
        logging.getLogger().removeHandler(log)
    return reader, [line for line in log.lines if any(each.pattern.search(line) for each in world.canaries)]


def foreign_addresses(world: World, sides: Iterable[str], *, all_things: bool) -> list[Step]:
    """Every address of ours, with the ids of these and other things in it, asked for and posted to.

    Without `all_things` no id of a registration and its parts is tried at an address of something else.
    """
    steps = []
    for name, route in walk(get_resolver()):
        if not name or name.startswith(("admin:", "account_")):
            continue
        with_registration = all_things or name.startswith("registrations:")
        for kwargs in _arguments(route, world, sides, with_registration=with_registration):
            try:
                url = reverse(name, kwargs=kwargs)
            except NoReverseMatch:
                continue
            steps += [Step("GET", url), Step("POST", url)]
    return list(dict.fromkeys(steps))


def _arguments(route: str, world: World, sides: Iterable[str], *, with_registration: bool) -> Iterator[dict[str, Any]]:
    names = re.findall(r"<(?:\w+:)?(\w+)>", route)
    if not names:
        yield {}
    registered = _registered(world) if with_registration else ()
    for things in [*_things(world, sides), *registered]:
        for word in _words(names):
            yield {name: things.get(name, word) for name in names}


def _things(world: World, sides: Iterable[str]) -> Iterator[dict[str, Any]]:
    """What an id in an address may stand for: a side, an engagement, a draft, a case, a customer, a delivery."""
    for key in sides:
        side = world.sides[key]
        yield {"uid": side.uid, "side": world.sides["northlake"].pk, "pk": side.pk, "id": side.pk}
    yield {"uid": world.draft.uid}
    private = world.sides["private"].engagement
    yield {"uid": private.uid, "pk": private.pk, "side": world.sides["private"].pk}
    yield {"uid": private.customer.uid}


def _registered(world: World) -> Iterator[dict[str, Any]]:
    registration = world.registration
    exception = registration.deal.exception_request
    for thing in (registration, registration.evidence.get(), registration.receipts.get(), exception):
        yield {"uid": thing.uid}


def _words(names: list[str]) -> list[str]:
    """Words that stand in an address beside an id."""
    if "action" in names:
        return [Action.SHARE.value, Action.WIN.value]
    if "act" in names:
        return ["take", "pass", "ask"]
    if "section" in names:
        return ["details", "contact"]
    if "slug" in names:
        return ["details"]
    return ["all" if "tab" in names else "match"]


# ---------------------------------------------------------------------------------------------------------- searching


@pytest.mark.parametrize("name", ["rui", "mia", "noor"])
def test_searching_for_a_secret_finds_nothing(name: str, world: World) -> None:
    """The answer to a forbidden word is the answer to nonsense: in lists, counts, hints."""
    client = signed_in(name)
    nonsense = "zqxxqz"
    wrong = []
    for path in ("/opportunities/all/", "/matching/waiting/"):
        expected = searched(client, path, nonsense, nonsense)
        for each in world.forbidden(name):
            if not each.word[0].isdigit() and searched(client, path, each.word, nonsense) != expected:
                wrong.append(f"{path}?q={each.word}")
    assert wrong == []


DIFFERS = (
    r"""value="[A-Za-z0-9]{64}"|nonce-\S+|nonce="[^"]+"|hx-headers='[^']*'|X-Request-ID: \S+|Content-Length: \d+"""
)


def searched(client: Client, path: str, word: str, nonsense: str) -> str:
    """The answer without what differs by itself: the word that was typed, tokens, the time."""
    text = text_of(client.get(path, {"q": word}, headers={"HX-Request": "true"}))
    text = text.replace(word, nonsense)
    text = re.sub(
        r"value=\"[A-Za-z0-9]{64}\"|nonce-\S+|nonce=\"[^\"]+\"|X-Request-ID: \S+|Content-Length: \d+", "", text
    )
    return re.sub(r"hx-headers='[^']*'|\d+ (?:d|h|min|s)\b", "", text)


def test_a_private_customer_is_no_hint_for_others(world: World) -> None:
    """Whoever types a customer by hand is not told that another company typed the same one."""
    client = signed_in("priya")
    response = client.post(reverse("deals:new"))
    draft = response["Location"].rsplit("/", 2)[0]
    word = next(each.word for each in world.canaries if each.fact == "Private customer")
    for query in ({"name": word}, {"name": word, "country": "BR"}, {"manual_name": word, "manual_country": "BR"}):
        for part in ("customers/", "customers/near/"):
            text = text_of(client.get(f"{draft}/{part}", query))
            assert text.count(word.capitalize()) == 0, (part, query)


# ------------------------------------------------------------------------------------------------------ mail, admin


def test_no_mail_tells_anothers_secret(world: World) -> None:
    sent = list(Delivery.objects.filter(channel=Channel.MAIL).select_related("event", "user").order_by("pk"))
    met = []
    for delivery in sent:
        name = _name_of(delivery.address)
        letter = letters.mail(delivery)
        reader = Reader([each for each in world.canaries if name not in each.readers])
        reader(
            f"{delivery.message} to {delivery.address}",
            "\n".join([letter.subject, letter.body, *(html for html, _kind in letter.alternatives)]),
        )
        met += reader.met
    assert met == []
    assert len(sent) > 10


def _name_of(address: str) -> str:
    return address.split(".")[0].split("@")[0]


def test_the_admin_shows_no_deal(world: World) -> None:
    """The operator is not a member of any company."""
    reader = Reader([each for each in world.canaries if each.fact not in OPERATED])
    operator = Crawl(signed_in("operator"), reader, A_WHILE)
    operator.run(["/admin/"])
    assert reader.met == []
    assert operator.asked > 20


# ------------------------------------------------------------------------------------------------- planted leaks


def _sees_everything(queryset: DealQuerySet, who: object) -> DealQuerySet:
    return queryset


LEAKS = {
    "lists show every deal": (DealQuerySet, "visible_to", _sees_everything, "mia", "Private name"),
    "the timeline tells all": (disclosure, "reads_note", lambda event, who: True, "priya", "Relecloud accepting note"),
    "an unanswered side sees the contact": (
        disclosure,
        "contact",
        lambda who, deal: getattr(deal.engagement, "contact", None),
        "mia",
        "Unanswered contact",
    ),
    "the host sees private ones": (DealQuerySet, "visible_to", _sees_everything, "noor", "Private value"),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_that_is_planted_is_found(leak: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    where, attribute, leaky, name, fact = LEAKS[leak]
    monkeypatch.setattr(where, attribute, leaky)
    reader, _person = crawl(name, world)
    assert any(met.startswith(f"{fact}:") for met in reader.met), reader.met[:5]
