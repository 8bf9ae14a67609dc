"""New deal: the gate, and the drafts of a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.enums import Role, SolutionKind
from accounts.models import Membership, Organization, Solution, User
from accounts.search.customers import choosable_by
from accounts.who import Who
from cosell import clock
from cosell.web.reasons import Reason
from deals import perms, rules
from deals.actions.drafts import WARN_AFTER, removal_at
from deals.enums import Kind
from deals.models import Draft
from deals.wizard import Step, Wizard, drafts_of

MOST = 100
# Who of the own company brings what a kind needs; account admins give roles, so they come next.
FIXED_BY = {Kind.IP: Role.SOLUTION_ADMIN, Kind.SERVICES: Role.ACCOUNT_ADMIN, Kind.ASSESSMENT: Role.ACCOUNT_ADMIN}


@dataclass(frozen=True)
class Lacking:
    """A kind of deal that the company cannot create: why, what was found, and who can change it."""

    kind: Kind
    reasons: Sequence[Reason]
    found: Sequence[str] = ()
    role: Role = Role.ACCOUNT_ADMIN
    people: Sequence[User] = ()
    account_admins: Sequence[User] = ()  # who may give somebody the role


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Start a draft; or say what the company lacks and who can fix it."""
    who, host = request.who, Organization.objects.host()
    if who is None or not perms.can_start_draft(who):
        raise PermissionDenied
    gates = {kind: rules.creation_gate(who.organization, host, kind) for kind in Kind}
    possible = [kind for kind, reasons in gates.items() if not reasons]
    if request.method == "GET" or not possible:
        # The host is no partner: what only partners create is nothing that it lacks.
        refused = {} if who.organization == host else {kind: reasons for kind, reasons in gates.items() if reasons}
        context = {"possible": possible, "lacking": list(_lacking(who.organization, refused))}
        return render(request, "deals/new.html", context, status=200 if request.method == "GET" else 403)
    now = clock.now()
    draft = Draft.objects.create(organization=who.organization, owner=who.user, created_at=now, updated_at=now)
    return redirect("deals:draft", draft.uid, "customer")


def _lacking(organization: Organization, refused: dict[Kind, list[Reason]]) -> Iterator[Lacking]:
    if not refused:
        return
    admins: dict[str, list[User]] = {Role.SOLUTION_ADMIN: [], Role.ACCOUNT_ADMIN: []}
    held = Membership.objects.filter(organization=organization, role__in=admins, is_active=True, user__is_active=True)
    for membership in held.select_related("user").order_by("user__full_name", "pk"):
        admins[membership.role].append(membership.user)
    for kind, reasons in refused.items():
        role = FIXED_BY[kind]
        found = _solutions_found(organization) if kind == Kind.IP else ()
        yield Lacking(kind, reasons, found, role, admins[role], admins[Role.ACCOUNT_ADMIN])


def _solutions_found(organization: Organization) -> list[str]:
    """The solutions that come nearest, and what each lacks."""
    own = Solution.objects.filter(organization=organization, kind=SolutionKind.IP)
    found = []
    for solution in own.order_by("-is_active", "name")[:5]:
        words = {"solution": solution.name, "status": solution.get_status_display()}
        if solution.status in rules.COSELL_READY:
            found.append(_("%(solution)s is %(status)s, but switched off in the catalog.") % words)
        else:
            found.append(_("%(solution)s is %(status)s; it must become Co-sell ready.") % words)
    return found or [_("There is no IP solution in the catalog yet.")]


@dataclass(frozen=True)
class Row:
    """A draft in the list: how far it came, and when it goes (only once that is near)."""

    draft: Draft
    customer: str
    at: Step
    saved: Sequence[str] = field(default_factory=list)  # titles of the steps
    to_do: Sequence[str] = field(default_factory=list)
    removal_at: datetime | None = None


@require_GET
def drafts(request: HttpRequest) -> HttpResponse:
    mine = list(drafts_of(request.who).order_by("-updated_at", "-pk")[:MOST])
    return render(request, "deals/drafts.html", {"rows": _rows(request.who, mine)})


def _rows(who: Who, drafts: Sequence[Draft]) -> list[Row]:
    """What is said of each draft, without judging what was typed: the wizard does that when it is opened."""
    host, now = Organization.objects.host(), clock.now()
    customers = _customers(who, drafts)
    wizard = Wizard(Draft(), who, host)  # one for all: what the company may create is asked once
    rows = []
    for draft in drafts:
        wizard.draft = draft
        saved = [step for step in wizard.steps if step.slug in draft.answers]
        to_do = [step for step in wizard.steps if step.slug not in draft.answers]
        rows.append(
            Row(
                draft,
                customers.get(_typed(draft, "customer"), "") or _typed(draft, "manual_name"),
                to_do[0],  # the review is never saved
                [step.title(host) for step in saved],
                [step.title(host) for step in to_do],
                removal_at(draft, now) if draft.updated_at <= now - WARN_AFTER else None,
            )
        )
    return rows


def _customers(who: Who, drafts: Iterable[Draft]) -> dict[str, str]:
    """Names of the accounts that were chosen, by uid."""
    uids = []
    for draft in drafts:
        try:
            uids.append(UUID(_typed(draft, "customer")))
        except ValueError:
            continue
    return {str(uid): name for uid, name in choosable_by(who).filter(uid__in=uids).values_list("uid", "name")}


def _typed(draft: Draft, name: str) -> str:
    """What was typed in a field of the first step."""
    return str((draft.answers.get("customer", {}).get(name) or [""])[0])


@require_POST
def discard(request: HttpRequest, uid: UUID) -> HttpResponse:
    draft = own_draft(request, uid)
    draft.delete()
    messages.success(request, _("The draft “%(name)s” is discarded.") % {"name": draft.title})
    return redirect("deals:drafts")


def own_draft(request: HttpRequest, uid: UUID) -> Draft:
    return get_object_or_404(drafts_of(request.who), uid=uid)
