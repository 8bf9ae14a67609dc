"""How a deal is said on every page: its stage, its reason, what changed."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.who import Who
from cosell import clock
from cosell.web.dates import said_with_zone
from cosell.web.paging import count_some
from deals import perms, registry
from deals.editing import Field
from deals.enums import Help, Intent, Kind, PartnerRole, Stage
from deals.enums import RegistrationState as State
from deals.models import Deal, MatchCase
from deals.notifications import reason_label
from deals.workflow import marks

register = template.Library()

TONES = {
    Stage.RECEIVED: "info",
    Stage.WON: "ok",
    Stage.LOST: "bad",
    Stage.DECLINED: "bad",
    Stage.ERROR: "bad",
    Stage.EXPIRED: "warn",
    Stage.ACCEPTED: "ok",
}
REGISTRATION_TONES = {
    **dict.fromkeys((State.PENDING, State.ACTION_REQUIRED), "warn"),
    **dict.fromkeys((State.REVIEW_PENDING, State.MARKETPLACE_PENDING), "info"),
    **dict.fromkeys((State.APPROVED, State.REVIEW_PASSED, State.MARKETPLACE_PASSED), "ok"),
    **dict.fromkeys((State.REVIEW_FAILED, State.MARKETPLACE_FAILED, State.LAPSED), "bad"),
}
FIELDS = {
    **{field.value: field.label for field in Field},
    "duns": "D-U-N-S",
    "domain": gettext_lazy("Domain"),
}
WORDS = {"intent": Intent, "help": Help, "partner_role": PartnerRole}
ROWS = {kind: [stage for _action, stage in marks(kind)] for kind in Kind}


@register.simple_tag
def stage_tag(deal: Deal) -> SafeString:
    """The stage in a list: a tag at the ends, a small meter on the way."""
    stage = Stage(deal.stage)
    if deal.is_overdue(clock.now()):
        stage = Stage.EXPIRED
    if stage in TONES and stage != Stage.ACCEPTED:
        return format_html('<span class="tag {}">{}</span>', TONES[stage], stage.label)
    row = ROWS[Kind(deal.engagement.kind)]
    reached = row.index(stage) + 1 if stage in row else 0
    dots = format_html_join("", '<i class="{}"></i>', (("on" if n < reached else "",) for n in range(len(row))))
    return format_html('<span class="dots" aria-hidden="true">{}</span>{}', dots, stage.label)


@register.simple_tag
def stage_name(stage: str) -> SafeString:
    """The stage of another side; an invitation that waits for an answer is pending."""
    stage = Stage(stage)
    label = _("Pending") if stage == Stage.RECEIVED else stage.label
    return format_html('<span class="tag {}">{}</span>', TONES.get(stage, ""), label)


@register.simple_tag
def registration_tag(state: str) -> str:
    """Where the registration of a side stands; nothing where nothing leads to one."""
    if not state:
        return ""
    return format_html('<span class="tag {}">{}</span>', REGISTRATION_TONES.get(State(state), ""), State(state).label)


@register.simple_tag
def waiting_for_match(who: Who | None) -> int | None:
    """How many cases wait in the own queue of account matching; None for who has none."""
    if who is None or not perms.can_match(who):
        return None
    return int(count_some({"waiting": MatchCase.objects.visible_to(who).waiting()})["waiting"])


@register.simple_tag
def reason_name(code: str) -> str:
    return reason_label(code)


@register.simple_tag
def field_name(name: str) -> str:
    return str(FIELDS.get(name) or registry.fields.get(name, name))


@register.simple_tag
def change_value(value: Any, name: str = "") -> str:
    """An old or new value of the field `name` as people read it."""
    if name not in FIELDS and (said_above := registry.said(name, value)) is not None:
        return said_above
    if isinstance(value, list):
        return ", ".join(value) or "–"
    words = WORDS.get(name) if name else next((each for each in WORDS.values() if value in each.values), None)
    if words and value in words.values:
        return str(words(value).label)
    return "–" if value in (None, "") else str(value)


@register.simple_tag
def when_plain(at: datetime | None) -> str:
    """An instant in the reader's zone, for mails: with the zone's name."""
    return said_with_zone(at) if at else ""
