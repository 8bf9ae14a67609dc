"""The wizard is a row: what was typed stands in the draft, and every step is judged again whenever it matters.

Steps in order: Customer, Deal details, Solutions, Help, Partner collaboration, Review and create (product.md §5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.actions import enter_customer
from accounts.enums import CustomerCategory
from accounts.models import Organization
from accounts.names import words_of
from accounts.search import CustomerRow, Described, choosable_by, near_accounts, search_customers
from cosell import clock
from cosell.web.reasons import Reason
from deals import perms
from deals.actions import Invitation, NewDeal, Person
from deals.enums import Help, Kind
from deals.forms.fields import TeamFormSet, team_data
from deals.forms.wizard import CustomerStep, DetailsStep, HelpStep, InvitationForm, SolutionsStep
from deals.models import Draft
from deals.rules import visibility_of

if TYPE_CHECKING:
    from accounts.who import Who

Typed = Mapping[str, list[str]]
VERY_ALIKE = 90  # score of a row (accounts.search) from which a typed customer may be a known one


def drafts_of(who: Who | None) -> QuerySet[Draft]:
    """The drafts of a person in the current organization. Raises PermissionDenied for one who may start none."""
    if who is None or not perms.can_start_draft(who):
        raise PermissionDenied
    return Draft.objects.filter(owner=who.user, organization=who.organization)


def typed(data: Typed | None) -> QueryDict:
    """Stored answers as the form data they once were."""
    query = QueryDict(mutable=True)
    for key, values in (data or {}).items():
        query.setlist(key, values)
    return query


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
        applies_to=lambda w: not w.by_host,
        is_complete=lambda w: w.help_form().is_valid(),
    ),
    Step(
        "partners",
        lambda host: _("Partner collaboration"),
        is_complete=lambda w: w.partners_are_complete(),
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

    @cached_property
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
        return CustomerStep(self._data("customer", data), who=self.who, looks_like=self.looks_like)

    @cached_property
    def looks_like(self) -> Callable[..., list[CustomerRow]]:
        """`looks_like` for this person; a page judges the same words several times."""

        @cache
        def known(**given: str) -> list[CustomerRow]:
            return looks_like(self.who, **given)

        return known

    def details_form(self, data: QueryDict | None = None) -> DetailsStep:
        initial = {"currency": "USD"}
        return DetailsStep(self._data("details", data), who=self.who, host=self.host, initial=initial)

    def team_formset(self, data: QueryDict | None = None) -> Any:
        user = self.who.user
        mine = [Person(user.full_name, user.phone, user.email)]
        given = data if data is not None else typed(self.answers("details") or team_data(mine))
        return TeamFormSet(given if "team-TOTAL_FORMS" in given else typed(team_data(mine)))

    def solutions_form(self, data: QueryDict | None = None) -> SolutionsStep:
        required = not self.by_host and self.kind == Kind.IP
        return SolutionsStep(self._data("solutions", data), who=self.who, host=self.host, required=required)

    def help_form(self, data: QueryDict | None = None) -> HelpStep:
        customer = self.customer_form()
        has_contact = customer.is_valid() and customer.cleaned_data["contact"] is not None
        return HelpStep(self._data("help", data), host=self.host, has_contact=has_contact)

    def _data(self, slug: str, data: QueryDict | None) -> QueryDict | None:
        if data is not None:
            return data
        return typed(self.answers(slug)) if slug in self.draft.answers else None

    # what the steps say together

    @property
    def kind(self) -> Kind:
        form = self.details_form()
        return Kind(form.cleaned_data["kind"]) if form.is_bound and form.is_valid() else Kind.IP

    def team(self) -> list[Person]:
        formset = self.team_formset()
        return formset.people() if formset.is_valid() else []

    def partners(self) -> list[tuple[Organization, InvitationForm]]:
        """The invitations in the draft, each with its form as it was typed."""
        stored = self.answers("partners")
        known = {str(o.uid): o for o in Organization.objects.inviteable().filter(uid__in=stored)}
        return [
            (known[uid], self.invitation_form(known[uid], typed(data))) for uid, data in stored.items() if uid in known
        ]

    def invitation_form(self, partner: Organization, data: QueryDict | None = None) -> InvitationForm:
        details = self.details_form()
        given = details.cleaned_data if details.is_bound and details.is_valid() else {}
        return InvitationForm(
            data,
            partner=partner,
            people=self.team(),
            prefix="invite",
            initial={
                "currency": given.get("currency", "USD"),
                "close_on": given.get("close_on") or clock.now().date() + timedelta(days=90),
                "value": given.get("value"),
            },
        )

    def partners_are_complete(self) -> bool:
        partners = self.partners()
        return bool(partners or not self.by_host) and all(form.is_valid() for _partner, form in partners)

    def new_deal(self) -> NewDeal:
        """Everything said, clean. Only when nothing is unfinished; a customer typed by hand is kept now."""
        customer = _clean(self.customer_form())
        details, solutions = _clean(self.details_form()), _clean(self.solutions_form())
        help_asked = {} if self.by_host else _clean(self.help_form())
        return NewDeal(
            kind=Kind(details["kind"]),
            host=self.host,
            customer=customer["account"] or enter_customer(self.who, customer),
            contact=customer["contact"],
            team=self.team(),
            solutions=solutions["solutions"],
            help=Help(help_asked.get("help", Help.NONE)),
            show_to_host=help_asked.get("show") == "yes",
            customer_problem=help_asked.get("customer_problem", ""),
            help_needed=help_asked.get("help_needed", ""),
            invitations=[as_invitation(partner, form) for partner, form in self.partners() if form.is_valid()],
            **{
                name: details[name]
                for name in (
                    "name",
                    "location",
                    "value",
                    "currency",
                    "close_on",
                    "intent",
                    "notes",
                    "share_notes",
                    "crm_id",
                    "campaign_id",
                )
            },
        )

    def visibility_label(self) -> str:
        """What the two questions make of the deal, in words."""
        form = self.help_form()
        if self.by_host or not (form.is_bound and form.is_valid()):
            return ""
        data = form.cleaned_data
        return str(visibility_of(Help(data["help"]), shown=data["show"] == "yes").label)

    def guidance(self) -> list[Reason]:
        """Advice, not refusal: what will matter later (product.md §5)."""
        return list(_guidance(self))


def looks_like(
    who: Who, *, name: str, country: str, city: str = "", duns: str = "", domain: str = ""
) -> list[CustomerRow]:
    """Accounts that `who` may choose and a customer typed by hand looks like, the likeliest first (product.md §4).

    The same D-U-N-S or domain, or a name very alike in that country; the own ones typed before are among them.
    """
    name, duns, domain = (name if words_of(name) else ""), duns.replace("-", ""), domain.lower()
    same = Q(duns=duns) if duns else Q(pk__in=())
    same |= Q(domain=domain) if domain else Q(pk__in=())
    rows = near_accounts(Described(name, country, city, domain, duns))
    typed_before = choosable_by(who).filter(category=CustomerCategory.MANUAL)
    rows += [CustomerRow(account, VERY_ALIKE, "") for account in typed_before.filter(same)[:10]]
    if name and country:
        found = search_customers(who, name=name, country=country, city=city).tab(CustomerCategory.OTHER).rows
        rows += [row for row in found if row.account.category == CustomerCategory.MANUAL]
    once = {row.account.pk: row for row in reversed(rows) if _is_very_alike(row, country, duns, domain)}
    choosable = set(choosable_by(who).filter(pk__in=once).values_list("pk", flat=True))
    return sorted((row for pk, row in once.items() if pk in choosable), key=lambda row: -row.score)[:5]


def _is_very_alike(row: CustomerRow, country: str, duns: str, domain: str) -> bool:
    account = row.account
    if (duns and account.duns == duns) or (domain and account.domain == domain):
        return True
    return bool(country) and account.country == country and row.score >= VERY_ALIKE


def as_invitation(partner: Organization, form: InvitationForm) -> Invitation:
    data = form.cleaned_data
    return Invitation(
        organization=partner,
        value=data["value"],
        currency=data["currency"],
        close_on=data["close_on"],
        help=Help(data["help"]),
        notes=data["notes"],
        solutions=list(data["solutions"]),
        team=form.invited_team(),
    )


def _clean(form: Form) -> dict[str, Any]:
    if not form.is_valid():
        raise ValueError(f"{type(form).__name__} is not complete")
    return form.cleaned_data


def _guidance(wizard: Wizard) -> Iterable[Reason]:
    customer, solutions = wizard.customer_form(), wizard.solutions_form()
    if not (customer.is_bound and customer.is_valid() and solutions.is_bound and solutions.is_valid()):
        return
    account, chosen = customer.cleaned_data["account"], solutions.cleaned_data["solutions"]
    if account and account.macc and not any(solution.macc_eligible for solution in chosen):
        yield Reason(
            "macc",
            _("The customer has a MACC agreement, and no solution of the deal is MACC eligible."),
            _("Add a MACC eligible solution, so that the purchase counts towards the agreement."),
        )
    details = wizard.details_form()
    intends = details.is_bound and details.is_valid() and details.cleaned_data["intent"] == "yes"
    if intends and not any(solution.incentivized for solution in chosen):
        yield Reason(
            "not_incentivized",
            _("The customer intends to buy through the marketplace, and no solution of the deal is incentivized."),
            _("Choose an incentivized solution if there is one that fits."),
        )
