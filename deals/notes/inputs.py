"""What a draft is made of; nothing else leaves the house.

Never: the customer's contact, the team, internal notes, CRM ID, campaign ID. Where one of them, or any e-mail address,
stands in a text that a person wrote, it is left out of what is sent (product.md §5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from babel.dates import format_date
from django.utils.translation import gettext as _

from cosell.web.countries import country_name
from cosell.web.dates import locale
from cosell.web.templatetags.cosell import money
from deals.enums import Help, Kind, PartnerRole

if TYPE_CHECKING:
    from django.forms import Form

    from deals.models import Deal
    from deals.wizard import Wizard

CONTACT = ("contact_name", "contact_phone", "contact_email")
IDS = ("crm_id", "campaign_id")
LEFT_OUT = "[…]"
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]+@[^\s@<>()\[\],;:\"]+")
_OWN_TEXTS = ("deal_name", "customer_problem", "help_needed")


@dataclass(frozen=True)
class Input:
    """One fact: its name for the model, its label and its value for both."""

    name: str
    label: str
    value: str


def from_wizard(wizard: Wizard, typed: Mapping[str, Any]) -> list[Input]:
    """From the steps so far, as far as they are right, and what stands in the step Help at this moment."""
    customer, details, chosen = (
        _clean(form) for form in (wizard.customer_form(), wizard.details_form(), wizard.solutions_form())
    )
    account = customer.get("account")
    facts = {
        "customer": account.name if account else customer.get("manual_name", ""),
        "country": account.country if account else customer.get("manual_country", ""),
        "deal_name": details.get("name", ""),
        "solutions": chosen.get("solutions", ()),
        **{name: details.get(name) for name in ("kind", "value", "currency", "close_on")},
        **{name: details.get(name) for name in ("partner_role", "solution_area", "solution_play")},
    }
    answers = wizard.answers("details")
    team = [key for key in answers if re.fullmatch(r"team-\d+-(name|phone|email)", key)]
    secrets = [wizard.answers("customer").get(key) for key in CONTACT] + [answers.get(key) for key in (*IDS, *team)]
    return _inputs(facts, typed, (each for values in secrets for each in values or ()))


def from_deal(deal: Deal, typed: Mapping[str, Any]) -> list[Input]:
    """From a deal that exists, and what stands in the dialog that shares it at this moment."""
    engagement = deal.engagement
    facts = {
        "customer": engagement.customer.name,
        "country": engagement.customer.country,
        "deal_name": deal.name,
        "solutions": sorted(deal.solutions.all(), key=lambda solution: solution.name),
        "kind": engagement.kind,
        **{name: getattr(deal, name) for name in ("value", "currency", "close_on")},
        **{name: getattr(engagement, name) for name in ("partner_role", "solution_area", "solution_play")},
    }
    people = [*deal.team.all(), *filter(None, [getattr(engagement, "contact", None)])]
    secrets = [getattr(person, name) for person in people for name in ("name", "phone", "email")]
    secrets += [typed.get(key, "") for key in CONTACT] + [getattr(deal, name) for name in IDS]
    return _inputs(facts, typed, secrets)


def _clean(form: Form) -> dict[str, Any]:
    """The fields that are right already."""
    form.is_valid()
    return getattr(form, "cleaned_data", {})


def _inputs(facts: Mapping[str, Any], typed: Mapping[str, Any], secrets: Iterable[str]) -> list[Input]:
    kept = {secret.strip() for secret in secrets if secret and len(secret.strip()) > 2}
    hidden = sorted(kept, key=len, reverse=True)
    found = []
    for name, label, value in _said(facts, typed):
        text = without(value, hidden) if name in _OWN_TEXTS else value
        if text:
            found.append(Input(name, label, text))
    return found


def _said(facts: Mapping[str, Any], typed: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Name, label, value, in the order in which people read them; what is not known is empty."""
    kind, role, asked, value = facts["kind"], facts["partner_role"], typed.get("help", ""), facts["value"]
    close_on = facts["close_on"]
    yield "customer", _("Customer"), facts["customer"]
    yield "country", _("Country"), country_name(facts["country"]) if facts["country"] else ""
    yield "deal_name", _("Deal name"), facts["deal_name"]
    yield "kind", _("What are you co-selling?"), str(Kind(kind).label) if kind in Kind.values else ""
    yield "value", _("Estimated value"), "" if value is None else money(value, facts["currency"] or "")
    yield "close_on", _("Estimated close date"), format_date(close_on, "long", locale=locale()) if close_on else ""
    yield "solutions", _("Solutions"), ", ".join(solution.name for solution in facts["solutions"])
    yield "partner_role", _("Partner role"), str(PartnerRole(role).label) if role in PartnerRole.values else ""
    yield "solution_area", _("Solution area"), str(facts["solution_area"] or "")
    yield "solution_play", _("Solution play"), str(facts["solution_play"] or "")
    asks = asked in Help.values and asked != Help.NONE
    yield "help", _("Type of help"), str(Help(asked).label) if asks else ""
    yield "customer_problem", _("The customer's business problem"), typed.get("customer_problem", "").strip()
    yield "help_needed", _("The specific help you need"), typed.get("help_needed", "").strip()


def without(text: str, secrets: Iterable[str]) -> str:
    """The text without e-mail addresses and without these; a phone number is known however it is spaced."""
    text = _EMAIL.sub(LEFT_OUT, text)
    for secret in secrets:
        digits = re.sub(r"\D", "", secret)
        if len(digits) > 5 and not re.search(r"[^\W\d_]", secret):
            text = re.sub(r"\+?\(?" + r"[\s()./-]*".join(digits), LEFT_OUT, text)
        else:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", LEFT_OUT, text, flags=re.I)
    return text
