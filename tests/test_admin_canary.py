"""Who keeps a room in the admin gets nothing of another company there: by no page, filter, search, choice or save.

Every secret of `tests/canary/world.py` carries a word of its own. A keeper clicks on everything, tries every address
with the numbers of all rows, and asks every list and every choice for what only others have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db import models, transaction
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import NoReverseMatch, get_resolver, reverse

from accounts.admin.room import Scoped
from cosell.events.enums import Channel, DeliveryState
from cosell.events.models import Delivery
from deals.models import Deal, TeamMember
from tests.canary.crawl import Crawl, Step, text_of
from tests.canary.world import World, build
from tests.cast import user, who
from tests.test_access_matrix import walk
from tests.test_canary import Reader, signed_in

pytestmark = pytest.mark.django_db

# In every run these click and try for a while; all of them, much longer, by `make canary`.
SOME = ("julia", "diego", "erik")
KEEPERS = (*SOME, "ana", "priya", "mia")
A_WHILE, TO_THE_END = 8, 600  # pages that are clicked through
ROWS, MANY_ROWS = 1, 12  # of each model, whose numbers are tried
ANY = "zq"  # every word of a secret begins so


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


# ------------------------------------------------------------------------------------------------------ what is asked


def models_here() -> list[type[models.Model]]:
    return list(admin.site._registry)


def asked_by(name: str) -> HttpRequest:
    request = RequestFactory().get("/admin/")
    request.user, request.who = user(name), who(name)
    return request


def rooms_of(name: str) -> list[type[models.Model]]:
    """What the person has a room for; that every page of the others is closed, says the access matrix."""
    request = asked_by(name)
    return [model for model in models_here() if admin.site.get_model_admin(model).has_view_permission(request)]


def page(model: type[models.Model], name: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def rows_of(model: type[models.Model], most: int) -> Iterable[models.Model]:
    """The newest first: the last company that the world got has them, and Mia alone works there."""
    return model._default_manager.order_by("-pk")[:most]


def addresses(rooms: Iterable[type[models.Model]], most: int) -> Iterator[Step]:
    """Every page of the admin about a row, with the numbers of rows, read and posted to."""
    routes = {name: route for name, route in walk(get_resolver()) if name.startswith("admin:")}
    for model in rooms:
        start = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
        for name in routes:
            arguments = re.findall(r"<(?:\w+:)?(\w+)>", routes[name])
            if name.startswith(start) and arguments:
                for row in rows_of(model, most):
                    for url in _reversed(name, arguments, row):
                        yield Step("GET", url)
                        if not name.endswith("_history"):
                            yield Step("POST", url, (("post", "yes"), ("_popup", "1")))


def _reversed(name: str, arguments: list[str], row: models.Model | None) -> Iterator[str]:
    given = {each: _value(each, row) for each in arguments}
    try:
        yield reverse(name, kwargs=given)
    except NoReverseMatch:
        return


def _value(argument: str, row: Any) -> object:
    if argument == "uid":
        return getattr(row, "uid", None) or row.memberships.first().organization.uid
    return quote(row.pk)


def part(word: str) -> str:
    """Finds the word wherever one searches for a part, and is not it: a page may repeat what was typed."""
    return word[:-1]


def questions(rooms: Iterable[type[models.Model]], words: list[str], *, all_fields: bool) -> Iterator[Step]:
    """Each list and each choice, asked for words that only others know.

    What is chosen from comes of the other model's room: one field for each is enough, in a hurry.
    """
    chosen_from = set()
    for model in rooms:
        for word in words:
            yield Step("GET", f"{page(model, 'changelist')}?q={word}")
        for field in model._meta.get_fields():
            is_choice = field.is_relation and field.concrete and field.related_model in admin.site._registry
            if is_choice and (all_fields or field.related_model not in chosen_from):
                chosen_from.add(field.related_model)
                for term in ("", *words):
                    yield Step("GET", f"{autocomplete(model, field.name)}&term={term}")


def autocomplete(model: type[models.Model], field: str) -> str:
    asked = f"app_label={model._meta.app_label}&model_name={model._meta.model_name}&field_name={field}"
    return f"{reverse('admin:autocomplete')}?{asked}"


def probes(model: type[models.Model]) -> Iterator[str]:
    """Each own field, and each field of a model beside it, as an address may ask for it."""
    for field in model._meta.get_fields():
        if field.is_relation and field.related_model and not getattr(field, "hidden", False):
            for other in field.related_model._meta.concrete_fields:
                if isinstance(other, (models.CharField, models.TextField)):
                    yield f"{field.name}__{other.name}__startswith"
        elif isinstance(field, (models.CharField, models.TextField)):
            yield f"{field.name}__startswith"


# -------------------------------------------------------------------------------------------------------- the proofs


def everything(name: str, world: World, *, to_the_end: bool = False) -> tuple[Reader, int]:
    """What was met, and how many pages were read."""
    client, reader = signed_in(name), Reader(world.forbidden(name))
    person = Crawl(client, reader, TO_THE_END if to_the_end else A_WHILE)
    person.run(["/admin/"])
    rooms, words = rooms_of(name), [ANY]
    if to_the_end:
        rooms = models_here()
        words += [part(each.word) for each in world.forbidden(name) if not each.word[0].isdigit()][::8]
    steps = [*addresses(rooms, MANY_ROWS if to_the_end else ROWS), *questions(rooms, words, all_fields=to_the_end)]
    for step in steps:
        with transaction.atomic():
            response = client.get(step.url) if step.method == "GET" else client.post(step.url, dict(step.data))
            reader(step, text_of(response))
            transaction.set_rollback(True)
    return reader, person.asked + len(steps)


@pytest.mark.parametrize("name", SOME)
def test_a_keeper_meets_nothing_of_others(name: str, world: World) -> None:
    reader, asked = everything(name, world)
    assert reader.met == []
    assert asked > 60


@pytest.mark.canary
@pytest.mark.parametrize("name", KEEPERS)
def test_a_keeper_meets_nothing_of_others_to_the_end(name: str, world: World) -> None:
    reader, _asked = everything(name, world, to_the_end=True)
    assert reader.met == []


@pytest.mark.parametrize("name", ["ana", "erik"])
def test_an_address_filters_by_what_the_list_offers_and_by_nothing_else(name: str, world: World) -> None:
    """Least of all by what stands in a row beside: each answer would tell a letter of it."""
    request, wrong = asked_by(name), []
    for model in rooms_of(name):
        room = admin.site.get_model_admin(model)
        offered = {each if isinstance(each, str) else each[0] for each in filters_of(room, request)}
        allowed = {probe for probe in probes(model) if room.lookup_allowed(probe, "zq", request)}
        wrong += [f"{model.__name__}?{probe}" for probe in allowed if probe.rpartition("__")[0] not in offered]
    assert wrong == []


def filters_of(room: admin.ModelAdmin, request: HttpRequest) -> list[Any]:
    return [each for each in room.get_list_filter(request) if isinstance(each, (str, tuple, list))]


@pytest.mark.parametrize("name", ["ana", "diego", "erik"])
def test_no_filter_names_what_others_have(name: str, world: World) -> None:
    """A filter by another model offers what may be seen of it."""
    plain = [
        f"{model.__name__}: {each}"
        for model in rooms_of(name)
        for each in filters_of(admin.site.get_model_admin(model), asked_by(name))
        if isinstance(each, str) and model._meta.get_field(each.split("__")[0]).is_relation
    ]
    assert plain == []


def test_no_form_names_a_row_by_its_number() -> None:
    """`raw_id_fields` would."""
    rooms = [room for room in admin.site._registry.values() if isinstance(room, Scoped)]
    assert [room for room in rooms if room.raw_id_fields] == []


# ------------------------------------------------------------------------------------------------------------- saving


def test_a_row_of_others_is_not_changed_from_ones_own_page(world: World) -> None:
    """The team of an own deal, with the number of a place on another company's team."""
    own, foreign = world.sides["four"], TeamMember.objects.filter(deal=world.sides["northlake"]).first()
    assert foreign
    data = {"team-TOTAL_FORMS": 1, "team-INITIAL_FORMS": 1, "team-0-id": foreign.pk, "team-0-deal": own.pk}
    person = {"team-0-name": "Somebody", "team-0-phone": "1", "team-0-email": "somebody@people.example"}
    answer = signed_in("ana").post(page(Deal, "change", own.pk), {**data, **person})
    assert answer.status_code == 422
    assert foreign.email not in text_of(answer)
    foreign.refresh_from_db()
    assert foreign.name != "Somebody"
    assert not own.team.filter(name="Somebody").exists()


@pytest.mark.parametrize("action", ["resend", "cancel"])
def test_messages_of_others_are_left_alone(action: str, world: World) -> None:
    with transaction.atomic():
        Delivery.objects.filter(channel=Channel.MAIL).update(state=DeliveryState.FAILED)
        before = dict(Delivery.objects.values_list("pk", "state"))
        data = {"action": action, "_selected_action": list(before), "select_across": "1"}
        signed_in("priya").post(page(Delivery, "changelist"), data)
        after = Delivery.objects.values_list("pk", "state", "user__email")
        changed = {email for pk, state, email in after if state != before[pk]}
        transaction.set_rollback(True)
    assert changed == {"priya.nair@northlake.example"}


# ---------------------------------------------------------------------------------------------------- planted leaks


def _all_rows(self: Scoped, request: Any) -> models.QuerySet:
    return self.model._default_manager.all()


def test_a_leak_that_is_planted_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scoped, "get_queryset", _all_rows)
    client, reader = signed_in("ana"), Reader(world.forbidden("ana"))
    for model in rooms_of("ana"):
        reader("the list", text_of(client.get(page(model, "changelist"))))
    met = {each.partition(":")[0] for each in reader.met}
    assert met >= {"Northlake colleague", "Northlake solution", "Northlake office", "Northlake hook"}
