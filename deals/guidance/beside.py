"""What stands beside a step of the wizard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cosell import clock
from deals.conflicts import Conflicts, conflicts
from deals.guidance.advice import Advice, advice
from deals.guidance.typed import ENTERED_BY_HAND, Typed, chosen_customer, one
from deals.models import Draft
from deals.similar import Similar, similar

if TYPE_CHECKING:
    from deals.guidance.typed import Answers
    from deals.wizard import Wizard

STEPS_WITH_GUIDANCE = ("customer", "details", "solutions", "review")
OTHER_DRAFTS = 3


@dataclass(frozen=True)
class Beside:
    """Everything beside a step, decided: nothing in it is more than the person may see."""

    has_customer: bool
    advice: Sequence[Advice] = ()
    conflicts: Conflicts = field(default_factory=Conflicts)
    drafts: Sequence[Draft] = ()
    similar: Similar = field(default_factory=Similar)

    @property
    def count(self) -> int:
        return len(self.advice) + self.conflicts.count + len(self.drafts)


def beside(wizard: Wizard, slug: str) -> Beside:
    """For the step `slug` of a draft, as it stands in `wizard.draft`. At most eight queries, whatever there is."""
    typed = Typed.of(wizard)
    with_advice = slug != "customer"
    return Beside(
        has_customer=typed.customer is not None,
        advice=advice(typed, wizard.who.organization, wizard.host, slug) if with_advice else (),
        conflicts=conflicts(wizard.who, typed.sketch, clock.now()) if typed.sketch else Conflicts(),
        drafts=_other_drafts(wizard, typed.customer_answers),
        similar=similar(wizard.who, typed.wanted) if slug in ("solutions", "review") else Similar(),
    )


def _other_drafts(wizard: Wizard, answers: Answers) -> list[Draft]:
    """The person's own ones on the same customer: the same account, or the same name typed by hand."""
    chosen, name = chosen_customer(answers), "customer"
    if chosen == ENTERED_BY_HAND:
        chosen, name = one(answers, "manual_name"), "manual_name"
    if not chosen:
        return []
    mine = Draft.objects.filter(owner=wizard.who.user, organization=wizard.who.organization)
    same = mine.filter(**{f"answers__customer__{name}": [chosen]}).exclude(pk=wizard.draft.pk)
    return list(same.order_by("-updated_at")[:OTHER_DRAFTS])
