"""Who may open what: every URL of the project × the cast × method.

Complete by construction: the URLs are walked from the resolver, and one that has no row here fails the run.
A stranger's deal is a 404, a visible one without the right to change it a 403, a lost sign-in a way back to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import CustomerAccount, Location, Organization, Solution, User
from accounts.who import Who
from cosell import clock
from cosell.events.enums import Channel
from cosell.events.models import Delivery, Event
from cosell.local.cast import load_people
from cosell.local.cast.customers import load_customers
from deals import actions, lists, matching
from deals.enums import Action, Direction, Help, Kind
from deals.models import Deal, Draft
from deals.views.act import DIALOGS, SECTIONS
from deals.views.wizard import _STEP_CONTEXT

pytestmark = pytest.mark.django_db  # each test in a transaction of its own, inside the one that holds the world

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


# Sides of deals, who sees each and who may change it. Everybody else is told that it does not exist.
@dataclass(frozen=True)
class Side:
    sees: str
    changes: str


SIDES = {
    # Contoso's own side, São Paulo, Rui on the team, shared with Microsoft and Northlake
    "sao_paulo": Side(sees="ana julia rui vera", changes="ana julia rui"),
    # Contoso's own side, London, Tom on the team, private
    "london": Side(sees="ana tom vera", changes="ana tom"),
    # Contoso's own side, São Paulo, nobody but Ana on the team, partner-led: Microsoft looks on
    "partner_led": Side(sees="ana julia vera beatriz noor erik", changes="ana julia"),
    # Microsoft's side of the first one, a Brazilian customer
    "host": Side(sees="beatriz noor erik", changes="beatriz erik"),
    # Northlake's side of the first one
    "northlake": Side(sees="priya", changes="priya"),
    # Contoso's side of what Microsoft sent: at the global location, nobody on the team yet
    "received": Side(sees="ana julia vera", changes="ana julia"),
    # Microsoft's own side of it, an American customer, Lee on the team
    "sent": Side(sees="lee noor erik", changes="lee erik"),
}


def seen_by(side: str, answer: Answer = 200) -> Expected:
    return answers((SIDES[side].sees, answer), ("operator", 403), others=404)


def changed_by(side: str, answer: Answer) -> Expected:
    """403 for who sees it without the right. The operator belongs to no organization."""
    readers = " ".join(set(SIDES[side].sees.split()) - set(SIDES[side].changes.split()))
    return answers((SIDES[side].changes, answer), (readers, 403), ("operator", 403), others=404)


def of_case(answer: Answer) -> Expected:
    """What the host's reviewers get of a case of account matching; to all others there is none."""
    return answers(("noor erik", answer), ("operator", 403), others=404)


# ---------------------------------------------------------------------------------------------------- the world


@dataclass
class World:
    sides: dict[str, Deal]
    typed: Deal  # on a customer entered by hand, at São Paulo, shown to Microsoft
    draft: Draft
    told: Delivery
    sessions: dict[str, str]

    def client(self, name: str, *, htmx: bool = False) -> Client:
        client = Client(raise_request_exception=True, headers={"HX-Request": "true"} if htmx else None)
        if name != ANONYMOUS:
            client.cookies["sessionid"] = self.sessions[name]
        return client


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One set of rows for the whole matrix; each request is undone, and all of it at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_people()
        load_customers()
        sides = _deals()
        EmailAddress.objects.create(user=User.objects.get(email=CAST["ana"]), email=CAST["ana"])
        ana, contoso = User.objects.get(email=CAST["ana"]), Organization.objects.get(name="Contoso Data")
        now = clock.now()
        yield World(
            sides=sides,
            typed=_create(_who("ana", "Contoso Data"), "Padaria Três Irmãos", "100201", ["ana"], show_to_host=True),
            draft=Draft.objects.create(organization=contoso, owner=ana, created_at=now, updated_at=now),
            told=Delivery.objects.get(channel=Channel.BELL, user__email=CAST["priya"]),
            sessions={name: _session(email) for name, email in CAST.items() if email},
        )
        transaction.set_rollback(True)


def _session(email: str) -> str:
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client.cookies["sessionid"].value


def _deals() -> dict[str, Deal]:
    shared = {"help": Help.POC, "customer_problem": "It is slow.", "help_needed": "An architect."}
    contact = actions.Contact("Chris Gray", "+1 555 0199", "chris.gray@customer.example")
    ana = _who("ana", "Contoso Data")
    sao_paulo = _create(ana, "Fabrikam Seguros S.A.", "100201", ["ana", "rui"], contact=contact, **shared)
    northlake = actions.invite_partner(ana, sao_paulo.pk, _invitation("Northlake Services", "SOL-20110-NMG"))
    london = _create(_who("tom", "Contoso Data"), "Northwind Traders Ltd", "100202", ["tom"])
    partner_led = _create(ana, "Usina Rio Claro Ltda.", "100201", ["ana"], show_to_host=True)
    invited = _invitation("Contoso Data", "SOL-10471-CLH")
    sent = _create(_who("lee", "Microsoft"), "Wide World Importers", "1", ["lee"], invitations=[invited])
    return {
        "sao_paulo": sao_paulo,
        "london": london,
        "partner_led": partner_led,
        "host": sao_paulo.engagement.sides.get(organization__name="Microsoft"),
        "northlake": northlake,
        "received": sent.engagement.sides.get(direction=Direction.INBOUND),
        "sent": sent,
    }


def _who(name: str, organization: str) -> Who:
    who = Who.of(User.objects.get(email=CAST[name]), Organization.objects.get(name=organization))
    assert who
    return who


def _create(who: Who, customer: str, partner_id: str, team: list[str], **more: Any) -> Deal:
    location = Location.objects.get(partner_id=partner_id)
    own = Solution.objects.filter(organization=location.organization, code="SOL-10471-CLH")
    return actions.create_deal(
        who,
        actions.NewDeal(
            kind=Kind.IP,
            host=Organization.objects.host(),
            customer=CustomerAccount.objects.get(name=customer),
            location=location,
            name=f"Deal with {customer}",
            value=Decimal(50_000),
            currency="USD",
            close_on=(clock.now() + timedelta(days=90)).date(),
            notes="Met at the fair.",
            intent="undecided",
            team=[actions.Person(name, "+1 555 0100", CAST[name]) for name in team],
            solutions=list(own),
            **more,
        ),
    )


def _invitation(organization: str, solution: str) -> actions.Invitation:
    return actions.Invitation(
        organization=Organization.objects.get(name=organization),
        value=Decimal(20_000),
        currency="USD",
        close_on=(clock.now() + timedelta(days=90)).date(),
        help=Help.POC,
        notes="We need you.",
        solutions=[Solution.objects.get(code=solution)],
    )


# ---------------------------------------------------------------------------------------------------- the table

EVERYBODY = answers(others=200)
OPEN = answers(others=200, anonymous=200)
MEMBERS = answers(("operator", 403), others=200)
MATCHERS, MERGES = answers(("noor erik", 200), others=403), ("noor erik", 302)
# "match" comes with an account; "answer" is the partner's, on the page of the deal
NO_DECISIONS = [(word, 404, 404) for word in ("match", "answer", "nonsense")]
MATCH_DECISIONS = [("ask", 200, 422), ("no-match", 200, 422), ("undo", 409, 409), *NO_DECISIONS]
READ_IT = ("vera beatriz noor erik operator", 403)
CREATORS = "ana julia rui tom priya sam mia lee beatriz"
VENDOR = "lee beatriz noor erik"

OWN = [
    Row("healthz", get=OPEN),
    Row("readyz", get=OPEN),
    Row("deals:home", get=answers(others=302)),
    *(
        Row("deals:list", {"tab": tab}, get=MEMBERS, about=tab)
        for tab in (lists.INBOUND, lists.OUTBOUND, lists.FAVORITES, lists.ALL)
    ),
    Row(
        "deals:list",
        {"tab": lists.PARTNER_LED},
        get=answers((VENDOR, 200), ("operator", 403), others=404),
        about=lists.PARTNER_LED,
    ),
    Row("deals:list", {"tab": "nonsense"}, get=answers(("operator", 403), others=404), about="nonsense"),
    # Mia's company has no co-sell ready solution: it may read what is missing, and start nothing.
    Row(
        "deals:new",
        get=answers((CREATORS, 200), others=403),
        post=answers(("mia", 403), (CREATORS.replace("mia ", ""), 302), others=403),
    ),
    Row("deals:drafts", get=answers((CREATORS, 200), others=403)),
    Row("deals:draft_discard", {"uid": "draft"}, post=answers(("ana", 302), (CREATORS[4:], 404), others=403)),
    *(
        Row(f"deals:draft_{part}", {"uid": "draft"}, get=answers(("ana", 200), (CREATORS[4:], 404), others=403))
        for part in ("customers", "directory", "near")
    ),
    *(
        Row(
            "deals:draft",
            {"uid": "draft", "slug": step},
            get=answers(("ana", 200), (CREATORS[4:], 404), others=403),
            post=answers(("ana", 302), (CREATORS[4:], 404), others=403),
            data={"version": "1", "go": "later"},
            about=step,
        )
        for step in _STEP_CONTEXT
    ),
    *(Row("deals:detail", {"uid": side}, get=seen_by(side), about=side) for side in SIDES),
    *(
        Row("deals:note", {"uid": side}, post=changed_by(side, 302), data={"text": "Called."}, about=side)
        for side in ("sao_paulo", "london", "partner_led", "sent")
    ),
    # Work on a deal begins with the answer: before it even a note is refused, with the reason.
    *(
        Row("deals:note", {"uid": side}, post=changed_by(side, 409), data={"text": "Called."}, about=side)
        for side in ("host", "northlake", "received")
    ),
    # Mine alone: a heart needs no right beyond seeing.
    *(Row("deals:favorite", {"uid": side}, post=seen_by(side, 302), data={"on": "1"}, about=side) for side in SIDES),
    *(Row("deals:seen", {"uid": side}, post=seen_by(side, 204), about=side) for side in SIDES),
    *(Row("deals:undo", {"uid": side}, post=changed_by(side, 409), about=side) for side in SIDES),
    *(
        Row(
            "deals:edit",
            {"uid": side, "section": section},
            get=changed_by(side, 200),
            post=changed_by(side, 422),
            about=f"{section} {side}",
        )
        for side, section in (*(("sao_paulo", section) for section in SECTIONS), ("partner_led", "details"))
    ),
    *(
        Row(
            "deals:edit",
            {"uid": side, "section": "details"},
            get=changed_by(side, 409),
            post=changed_by(side, 422),
            about=f"details {side}",
        )
        for side in ("host", "received")
    ),
    Row(
        "deals:edit", {"uid": "london", "section": "nonsense"}, get=seen_by("london", 404), post=seen_by("london", 404)
    ),
    *(
        Row("deals:invite", {"uid": side}, get=changed_by(side, 200), post=changed_by(side, 422), about=side)
        for side in ("sao_paulo", "london", "partner_led", "sent")
    ),
    # A partner invited by a partner brings nobody else.
    Row("deals:invite", {"uid": "northlake"}, get=seen_by("northlake", 403), post=seen_by("northlake", 403)),
    Row(
        "deals:withdraw",
        {"uid": "sao_paulo", "side": "northlake"},
        get=changed_by("sao_paulo", 200),
        post=changed_by("sao_paulo", 302),
    ),
    Row(
        "deals:withdraw",
        {"uid": "sao_paulo", "side": "received"},
        get=seen_by("sao_paulo", 404),
        post=seen_by("sao_paulo", 404),
        about="of another deal",
    ),
    # Account matching: the host's reviewers and admins; a case is nothing that others may know of.
    *(Row("deals:matching", {"tab": tab.slug}, get=MATCHERS, about=tab.slug) for tab in matching.TABS),
    Row("deals:matching", {"tab": "nonsense"}, get=answers(("noor erik", 404), others=403), about="nonsense"),
    Row("deals:match_case", {"uid": "case"}, get=of_case(200)),
    *(
        Row("deals:match_decide", {"uid": "case", "decision": it}, get=of_case(get), post=of_case(post), about=it)
        for it, get, post in MATCH_DECISIONS
    ),
    Row("deals:merge_accounts", get=answers(MERGES, others=403), post=answers(MERGES, others=403)),
    Row("deals:match_answer", {"uid": "typed"}, post=answers(("ana julia", 409), READ_IT, others=404)),
    Row("deals:match_answer", {"uid": "sao_paulo"}, post=seen_by("sao_paulo", 404), about="of no case"),
    Row("accounts:profile", get=EVERYBODY, post=answers(others=422), data={"full_name": ""}),
    Row(
        "accounts:switch",
        post=answers(("ana julia rui tom vera diego", 302), others=404),
        data={"organization": "Contoso Data"},
    ),
    Row("accounts:language", post=answers(others=302, anonymous=302), data={"language": "pt-br"}),
    Row("accounts:theme", post=answers(others=302, anonymous=302), data={"theme": "dark"}),
    Row("events:bell", get=EVERYBODY),
    Row("events:read", {"pk": "told"}, post=answers(("priya", 302), others=404)),
    Row("events:read_all", post=answers(others=302)),
]

# What an empty form answers to who may act: 422 it lacks something, 302 nothing more was needed.
ON_OWN = {
    Action.QUALIFY: 302,
    Action.DEVELOP: 302,
    Action.PROPOSE: 302,
    Action.NEGOTIATE: 302,
    Action.WIN: 422,
    Action.LOSE: 422,
    Action.CLOSE_AS_ERROR: 422,
}
ON_RECEIVED = {Action.ACCEPT: 422, Action.DECLINE: 422}
FOR_ASSESSMENTS = (Action.SECURE_LOE, Action.COLLECT_DATA, Action.PREPARE_REPORT, Action.PRESENT)


def _acts() -> Iterator[Row]:
    """Every action that has a page, on sides where it may happen and where it may not."""
    for action, answer in ON_OWN.items():
        yield _act("sao_paulo", action, changed_by("sao_paulo", 200), changed_by("sao_paulo", answer))
    for action, answer in ON_RECEIVED.items():
        yield _act("sao_paulo", action, changed_by("sao_paulo", 409), changed_by("sao_paulo", answer))
        yield _act("host", action, changed_by("host", 200), changed_by("host", answer))
    for side in ("london", "partner_led", "sent"):
        yield _act(side, Action.QUALIFY, changed_by(side, 200), changed_by(side, 302))
    for side in ("northlake", "received"):
        yield _act(side, Action.ACCEPT, changed_by(side, 200), changed_by(side, 422))
        yield _act(side, Action.QUALIFY, changed_by(side, 409), changed_by(side, 409))
    for side in ("host", "northlake", "received"):  # only the creator's side shows a deal to others
        yield _act(side, Action.SHARE, seen_by(side, 403), seen_by(side, 403))
    yield _act("sao_paulo", Action.SHARE, changed_by("sao_paulo", 409), changed_by("sao_paulo", 422))
    yield _act("london", Action.SHARE, changed_by("london", 200), changed_by("london", 422))
    for action in (*FOR_ASSESSMENTS, "nonsense", Action.EXPIRE, Action.EDIT):
        yield _act("sao_paulo", action, seen_by("sao_paulo", 404), seen_by("sao_paulo", 404))


def _act(side: str, action: str, get: Expected, post: Expected) -> Row:
    return Row("deals:act", {"uid": side, "action": str(action)}, get=get, post=post, about=f"{action} {side}")


# allauth, under /sign-in/
KEY = {"uidb36": "1", "key": "nonsense-nonsense"}
SIGN_IN_PAGES = [
    Row("account_login", get=answers(others=302, anonymous=200), post=answers(others=302, anonymous=200)),
    Row("account_signup", get=answers(others=302, anonymous=200), post=answers(others=302, anonymous=200)),
    Row("account_logout", get=answers(others=200, anonymous=302), post=answers(others=302, anonymous=302)),
    Row("account_inactive", get=OPEN),
    Row("account_reauthenticate", get=EVERYBODY, post=EVERYBODY),
    Row("account_email", get=EVERYBODY, post=answers(others=302)),
    Row("account_email_verification_sent", get=OPEN),
    Row("account_confirm_email", {"key": "nonsense"}, get=OPEN, post=answers(others=404, anonymous=404)),
    Row("account_change_password", get=EVERYBODY, post=EVERYBODY),
    Row("account_set_password", get=answers(others=302), post=answers(others=302)),
    Row("account_reset_password", get=OPEN, post=OPEN),
    Row("account_reset_password_done", get=OPEN),
    Row("account_reset_password_from_key", KEY, get=OPEN, post=OPEN),
    Row("account_reset_password_from_key_done", get=OPEN),
    Row("account_confirm_login_code", get=answers(others=302, anonymous=302), post=answers(others=302, anonymous=302)),
]


# the Django admin: the operator alone
def operator(answer: Answer, anonymous: Answer = SIGN_IN) -> Expected:
    """Asked by few: nobody else's role is looked at there."""
    everybody = answers(("operator", answer), others=ADMIN_SIGN_IN, anonymous=anonymous)
    return {name: everybody[name] for name in (ANONYMOUS, "ana", "diego", "erik", "operator")}


LOOKED_AT = {Event, Delivery}
KEPT = {Location}  # deals hang on it


def _admin() -> Iterator[Row]:
    """For each model: change list, add, history, delete, change. Events and deliveries are only looked at."""
    for model in admin.site._registry:
        meta, name = model._meta, f"admin:{model._meta.app_label}_{model._meta.model_name}"
        some = {"object_id": str(meta.label)}
        writes = 403 if model in LOOKED_AT else 200
        deletes = 403 if model in {*LOOKED_AT, *KEPT} else 200
        looks = 403 if model is Event else 200
        yield Row(f"{name}_changelist", get=operator(200), post=operator(200))
        yield Row(f"{name}_add", get=operator(writes), post=operator(writes))
        yield Row(f"{name}_change", some, get=operator(looks), post=operator(writes))
        yield Row(f"{name}_delete", some, get=operator(deletes), post=operator(deletes))
        yield Row(f"{name}_history", some, get=operator(looks), post=operator(looks))
    yield Row("admin:auth_user_password_change", {"id": "accounts.User"}, get=operator(200), post=operator(200))
    yield Row("admin:accounts_customeraccount_import", get=operator(200), post=operator(422))
    for page in ("admin:index", "admin:password_change_done", "admin:jsi18n"):
        yield Row(page, get=operator(200, ADMIN_SIGN_IN))
    yield Row("admin:app_list", {"app_label": "accounts"}, get=operator(200, ADMIN_SIGN_IN))
    yield Row("admin:password_change", get=operator(200, ADMIN_SIGN_IN), post=operator(200, ADMIN_SIGN_IN))
    yield Row("admin:autocomplete", get=operator(403, ADMIN_SIGN_IN))
    some = {"content_type_id": "1", "object_id": "1"}
    yield Row("admin:view_on_site", some, get=operator(404, ADMIN_SIGN_IN))
    # one way in: ours, with its throttle
    yield Row("admin:login", get=answers(("operator", 302), others=403), post=answers(("operator", 200), others=403))
    yield Row("admin:logout", post=answers(("operator", 200), others=302, anonymous=ADMIN_SIGN_IN))


CONCERNED = {**SIDES, "case": Side("noor erik lee ana", ""), "typed": Side("ana vera noor", "")}


def _few(rows: list[Row]) -> Iterator[Row]:
    """The whole cast asks for each page once, and for every side of a deal once; then those it concerns suffice."""
    full = set()
    for row in rows:
        about = CONCERNED.get(row.kwargs.get("uid", ""), Side("ana rui", "")).sees.split()
        concerned = {ANONYMOUS, "mia", "operator", *about}
        if row.name in full and row.name != "deals:detail" and "uid" in row.kwargs:
            row = replace(row, get=_only(concerned, row.get), post=_only(concerned, row.post))
        full.add(row.name)
        yield row


def _only(names: set[str], expected: Expected | None) -> Expected | None:
    return expected and {name: answer for name, answer in expected.items() if name in names}


THEIRS = [*SIGN_IN_PAGES, *_admin()]
FOREIGN = {row.name for row in THEIRS}  # which further methods these know is their own affair
ROWS = [*_few([*OWN, *_acts()]), *THEIRS]


# ---------------------------------------------------------------------------------------------------- the checks


def walk(resolver: URLResolver, names: tuple[str, ...] = (), route: str = "") -> Iterator[tuple[str, str]]:
    """Name and route of every URL of the project."""
    for pattern in resolver.url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield ":".join((*names, pattern.name)) if pattern.name else "", here
        else:
            yield from walk(pattern, (*names, pattern.namespace) if pattern.namespace else names, here)


def test_every_url_has_a_row() -> None:
    urls = list(walk(get_resolver()))
    named = {name for name, _ in urls if name}
    listed = {row.name for row in ROWS}
    assert named - listed == set(), "say in this file who may open them"
    assert listed - named == set(), "these do not exist any more"
    nameless = {route for name, route in urls if not name}
    assert all(route.startswith("admin/") for route in nameless), nameless


def test_every_action_step_and_section_has_a_row() -> None:
    of = {name: {row.about.split(" ")[0] for row in ROWS if row.name == name} for name in ("deals:act", "deals:draft")}
    assert {action.value for action in DIALOGS} <= of["deals:act"]
    assert set(_STEP_CONTEXT) == of["deals:draft"]
    tabs = {row.kwargs["tab"] for row in ROWS if row.name == "deals:list"}
    assert {tab.slug for tab in (*lists.TABS, lists.FOUND)} <= tabs


def url_of(row: Row, world: World) -> str:
    return reverse(row.name, kwargs={name: _argument(row, name, value, world) for name, value in row.kwargs.items()})


def _argument(row: Row, name: str, value: str, world: World) -> object:
    """A word of the table as the row that it stands for."""
    if value == "typed":
        return world.typed.uid
    if value == "case":
        return world.typed.engagement.match_case.uid
    if value == "draft":
        return world.draft.uid
    if value == "told":
        return world.told.pk
    if value in world.sides:
        return world.sides[value].pk if name == "side" else world.sides[value].uid
    if name in ("object_id", "id") and "." in value:
        model = next(model for model in admin.site._registry if model._meta.label == value)
        return getattr(model.objects.order_by("pk").first(), "pk", 0)
    return value


def ask(world: World, name: str, method: str, url: str, data: dict[str, Any], *, htmx: bool = False) -> HttpResponse:
    """The answer; what it wrote is undone."""
    body = urlencode(data) if method == "POST" else ""
    with transaction.atomic():
        response = world.client(name, htmx=htmx).generic(method, url, body, "application/x-www-form-urlencoded")
        transaction.set_rollback(True)
    return response


def said(response: HttpResponse) -> Answer:
    if response.status_code == 302 and response["Location"].startswith(reverse("account_login") + "?next="):
        return SIGN_IN
    if response.status_code == 302 and response["Location"].startswith(reverse("admin:login")):
        return ADMIN_SIGN_IN
    return response.status_code


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_answers(row: Row, world: World) -> None:
    wrong = []
    url, data = url_of(row, world), _data(row)
    not_there = {} if row.name in FOREIGN else {"ana": 405}
    for method, expected in (("GET", row.get), ("POST", row.post)):
        for name, wanted in (not_there if expected is None else expected).items():
            answer = said(ask(world, name, method, url, data))
            if answer != wanted:
                wrong.append(f"{method} {url} by {name}: {answer}, not {wanted}")
    assert not wrong, "\n" + "\n".join(wrong)


def _data(row: Row) -> dict[str, Any]:
    if row.name == "accounts:switch":
        return {"organization": str(Organization.objects.get(name=row.data["organization"]).uid)}
    return row.data


def once(rows: list[Row]) -> list[Row]:
    return list({row.name: row for row in rows}.values())


@pytest.mark.parametrize("row", once([row for row in ROWS if row.name not in FOREIGN]), ids=str)
def test_other_methods_are_not_allowed(row: Row, world: World) -> None:
    for method in ("PUT", "DELETE"):
        assert said(ask(world, "ana", method, url_of(row, world), {})) == 405


@pytest.mark.parametrize("row", once([row for row in ROWS if SIGN_IN in (row.get or row.post).values()]), ids=str)
def test_a_lost_sign_in_inside_a_page_leads_to_the_sign_in_page(row: Row, world: World) -> None:
    """Its page must not land inside a table; and after it one is back where one was."""
    method = "GET" if row.get else "POST"
    response = ask(world, ANONYMOUS, method, url_of(row, world), _data(row), htmx=True)
    assert response.status_code == 200
    assert response["HX-Redirect"].startswith(reverse("account_login"))
