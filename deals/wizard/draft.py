"""The draft of a deal, as its owner works on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Form
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.actions import enter_customer
from accounts.models import Organization
from accounts.search import CustomerRow
from deals import perms
from deals.actions import NewDeal, Person
from deals.enums import Help, Kind
from deals.forms.customer import CustomerStep
from deals.forms.details import OF_A_KIND, DetailsStep, chosen_kind, offered_kinds
from deals.forms.fields import TeamFormSet, team_data, typed
from deals.forms.help import HelpStep
from deals.forms.solutions import AssessmentStep, SolutionsStep
from deals.models import Draft
from deals.rules import Ask, asked, visibility_of
from deals.wizard.alike import looks_like
from deals.wizard.partners import as_invitation, partners, partners_are_complete

if TYPE_CHECKING:
    from accounts.who import Who


def drafts_of(who: Who | None) -> QuerySet[Draft]:
    """The drafts of a person in the current organization. Raises PermissionDenied for one who may start none."""
    if who is None or not perms.can_start_draft(who):
        raise PermissionDenied
    return Draft.objects.filter(owner=who.user, organization=who.organization)


@dataclass(frozen=True)
class Step:
    """`applies_to` and `is_complete` are asked of a draft; the wizard computes everything else from the list."""

    slug: str
    title: Callable[[Organization], str]
    applies_to: Callable[[Wizard], bool] = lambda wizard: True
    is_complete: Callable[[Wizard], bool] = lambda wizard: False


STEPS = (
    Step("customer", lambda host: _("Customer"), is_complete=lambda w: w.customer_form().is_valid()),
    Step(
        "details",
        lambda host: _("Deal details"),
        is_complete=lambda w: w.details_form().is_valid() and w.team_formset().is_valid(),
    ),
    Step("solutions", lambda host: _("Solutions"), is_complete=lambda w: w.solutions_form().is_valid()),
    Step(
        "help",
        lambda host: _("Help from %(host)s") % {"host": host.name},
        applies_to=lambda w: w.asks("help"),
        is_complete=lambda w: w.help_form().is_valid(),
    ),
    Step(
        "partners",
        lambda host: _("Partner collaboration"),
        applies_to=lambda w: w.asks("invitations"),
        is_complete=lambda w: partners_are_complete(w),
    ),
    Step("review", lambda host: _("Review and create")),
)


class Wizard:
    """One draft, as its owner works on it."""

    def __init__(self, draft: Draft, who: Who, host: Organization) -> None:
        self.draft, self.who, self.host = draft, who, host

    @property
    def by_host(self) -> bool:
        """The host shares an opportunity: it asks itself for no help, and invites at least one partner."""
        return self.who.organization.pk == self.host.pk

    @property
    def kind(self) -> Kind:
        """The kind chosen last, of those on offer; else the first of them."""
        typed = self.answers("details").get("kind") or [""]
        return chosen_kind(typed[-1], self._offered)

    @cached_property
    def _offered(self) -> list[tuple[str, str]]:
        return offered_kinds(self.who.organization, self.host)

    def ask(self, field: str) -> Ask:
        """Whether the kind of the draft asks a field, before anything is said about help (`rules.FIELDS`)."""
        return asked(self.kind, by_host=self.by_host)[field]

    def asks(self, field: str) -> bool:
        return self.ask(field) != Ask.NO

    @property
    def steps(self) -> list[Step]:
        return [step for step in STEPS if step.applies_to(self)]

    def step(self, slug: str) -> Step | None:
        return next((step for step in self.steps if step.slug == slug), None)

    def neighbour(self, step: Step, offset: int) -> Step:
        index = self.steps.index(step) + offset
        return self.steps[max(0, min(index, len(self.steps) - 1))]

    def unfinished(self) -> list[Step]:
        return [step for step in self.steps if step.slug != "review" and not step.is_complete(self)]

    def answers(self, slug: str) -> dict[str, Any]:
        return self.draft.answers.get(slug, {})

    # the forms of the steps, from what is stored or, while it is being answered, from what was just typed

    def customer_form(self, data: QueryDict | None = None) -> CustomerStep:
        return CustomerStep(
            self._data("customer", data),
            who=self.who,
            looks_like=self.looks_like,
            needs_contact=self.ask("contact") == Ask.REQUIRED,
        )

    def has_contact(self) -> bool:
        form = self.customer_form()
        form.is_valid()
        return bool(form.is_bound and form.cleaned_data.get("contact"))

    @cached_property
    def looks_like(self) -> Callable[..., list[CustomerRow]]:
        """`looks_like` for this person; a page judges the same words several times."""

        @cache
        def known(**given: str) -> list[CustomerRow]:
            return looks_like(self.who, **given)

        return known

    def details_form(self, data: QueryDict | None = None) -> DetailsStep:
        lacks = self.ask("contact") == Ask.REQUIRED and not self.has_contact()
        return DetailsStep(
            self._data("details", data),
            who=self.who,
            host=self.host,
            lacks_contact=lacks,
            initial={"currency": "USD"},
        )

    def team_formset(self, data: QueryDict | None = None) -> Any:
        user = self.who.user
        mine = [Person(user.full_name, user.phone, user.email)]
        given = data if data is not None else typed(self.answers("details") or team_data(mine))
        return TeamFormSet(given if "team-TOTAL_FORMS" in given else typed(team_data(mine)))

    def solutions_form(self, data: QueryDict | None = None) -> SolutionsStep | AssessmentStep:
        given = self._data("solutions", data)
        if self.asks("assessment_type"):
            return AssessmentStep(given, who=self.who, host=self.host)
        required = self.ask("solutions") == Ask.REQUIRED
        return SolutionsStep(given, who=self.who, host=self.host, required=required)

    def help_form(self, data: QueryDict | None = None) -> HelpStep:
        return HelpStep(self._data("help", data), host=self.host, has_contact=self.has_contact(), about=self.draft.uid)

    def _data(self, slug: str, data: QueryDict | None) -> QueryDict | None:
        if data is not None:
            return data
        return typed(self.answers(slug)) if slug in self.draft.answers else None

    # what the steps say together

    def team(self) -> list[Person]:
        formset = self.team_formset()
        return formset.people() if formset.is_valid() else []

    def new_deal(self) -> NewDeal:
        """Everything said, clean. Only when nothing is unfinished; a customer typed by hand is kept now.

        What a step says that no longer applies to the kind is left behind with the draft.
        """
        customer = _clean(self.customer_form())
        details, solutions = _clean(self.details_form()), _clean(self.solutions_form())
        help_asked = _clean(self.help_form()) if self.asks("help") else {}
        invited = partners(self) if self.asks("invitations") else []
        return NewDeal(
            kind=Kind(details["kind"]),
            host=self.host,
            customer=customer["account"] or enter_customer(self.who, customer),
            contact=customer["contact"],
            team=self.team(),
            solutions=solutions["solutions"],
            payout_location=solutions.get("payout_location"),
            help=Help(help_asked.get("help", Help.NONE)),
            show_to_host=help_asked.get("show") == "yes",
            customer_problem=help_asked.get("customer_problem", ""),
            help_needed=help_asked.get("help_needed", "") or solutions.get("help_needed", ""),
            drafted_by=help_asked.get("drafted_by", ""),
            invitations=[as_invitation(partner, form) for partner, form in invited if form.is_valid()],
            **{name: details[name] for name in (*ALWAYS_ASKED, *OF_A_KIND)},
        )

    def visibility_label(self) -> str:
        """What the kind and the two questions make of the deal, in words; empty before they are answered."""
        help, shown = Help.NONE, False
        if self.asks("help"):
            form = self.help_form()
            if not (form.is_bound and form.is_valid()):
                return ""
            help, shown = Help(form.cleaned_data["help"]), form.cleaned_data["show"] == "yes"
        return str(visibility_of(help, shown=shown, kind=self.kind, by_host=self.by_host).label)


ALWAYS_ASKED = ("name", "location", "value", "currency", "close_on", "notes", "share_notes", "crm_id", "campaign_id")


def _clean(form: Form) -> dict[str, Any]:
    if not form.is_valid():
        raise ValueError(f"{type(form).__name__} is not complete")
    return form.cleaned_data
