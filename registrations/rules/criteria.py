"""Every criterion of every program, one function each: facts in, standing and words out (product.md §7).

What each rests on stands in docs/registration.md; which of them a program asks stands in `registrations.programs`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from babel.dates import format_skeleton
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.enums import BizApps, SolutionStatus
from cosell.web.dates import locale, said, said_day
from cosell.web.templatetags.cosell import money
from deals import rules as deal_rules
from deals.enums import Standing, Visibility
from deals.rules import SAFE_TO_WIN_AFTER, Criterion
from registrations.facts import Facts
from registrations.rates import USD

LEAST_AZURE_IP = Decimal(25_000)  # USD, from
MORE_THAN_BIZAPPS = Decimal(5_000)  # USD, above
MET, NOT_MET, NOT_YET = Standing.MET, Standing.NOT_MET, Standing.NOT_YET
Rule = Callable[[Facts], Criterion | None]  # None where the criterion asks nothing of this deal


def _source(part: str | Promise) -> str:
    return _("Registration rules 3.2, %(part)s") % {"part": part}


def kind(facts: Facts) -> Criterion:
    """IP deals, and services deals with an eligible solution; assessments never."""
    found = deal_rules.kind_criterion(facts.kind, carries_ip=facts.carries_ip)
    return replace(found, code="kind", source=_source(_("deal type")))


def won(facts: Facts) -> Criterion:
    label, source = _("won"), _source(_("status"))
    if facts.won_at:
        words = _("It was won on %(when)s.") % {"when": said(facts.won_at)}
        return Criterion(label, MET, words, code="won", source=source)
    if facts.is_open:
        return Criterion(
            label, NOT_YET, _("The deal is not won yet."), _("Mark it as won."), code="won", source=source
        )
    words = _("The deal ended as %(stage)s; only a won deal is registered.") % {"stage": facts.stage.label}
    return Criterion(label, NOT_MET, words, code="won", source=source)


def shared(facts: Facts) -> Criterion:
    """Co-sell or partner-led: a private deal is nobody's but the partner's."""
    host = {"host": facts.host}
    label, source = _("shared with %(host)s") % host, _source(_("deal type"))
    if facts.visibility != Visibility.PRIVATE:
        words = _("The deal is %(visibility)s.") % {"visibility": facts.visibility.label}
        return Criterion(label, MET, words, code="shared", source=source)
    fix = _("Show it to the sellers of %(host)s, or ask for their help, before it is closed.") % host
    words = _("The deal is private.")
    return Criterion(label, NOT_MET, words, fix if facts.is_open else "", code="shared", source=source)


def azure_ip_solution(facts: Facts) -> Criterion:
    return _solution(facts, SolutionStatus.AZURE_IP_ELIGIBLE.label, met=facts.azure_ip)


def bizapps_solution(tag: BizApps) -> Rule:
    """At least one solution with this tag."""

    def criterion(facts: Facts) -> Criterion:
        return _solution(facts, tag.label, met=tag in facts.bizapps)

    return criterion


def _solution(facts: Facts, status: str | Promise, *, met: bool) -> Criterion:
    """On any side that is in: of an invited partner, once it has accepted."""
    words = {"status": status}
    label, source = _("solution is “%(status)s”") % words, _source(_("solution"))
    if met:
        text = _("A solution on the deal is “%(status)s”.") % words
        return Criterion(label, MET, text, code="solution", source=source)
    fix = _("Add a solution that is “%(status)s”; that of an invited partner counts once it has accepted.") % words
    text = _("No solution on the deal is “%(status)s”.") % words
    return Criterion(label, NOT_MET, text, fix if facts.is_open else "", code="solution", source=source)


def host_answered(facts: Facts) -> Criterion | None:
    """Of a co-sell deal: the host accepted or won, whatever became of it later."""
    if facts.visibility != Visibility.COSELL:
        return None
    standing, text, fix = _host_answer(facts)
    label = _("accepted by %(host)s") % {"host": facts.host}
    return Criterion(label, standing, text, fix, code="host_answered", source=_source(_("answer of the host")))


def _host_answer(facts: Facts) -> tuple[Standing, str, str]:
    host = {"host": facts.host}
    accepts = _("%(host)s accepts the invitation.") % host
    if facts.host_created:
        return MET, _("%(host)s shared this deal itself.") % host, ""
    if facts.host_in:
        return MET, _("%(host)s accepted the invitation.") % host, ""
    if facts.host_answers_by:
        until = {**host, "when": said(facts.host_answers_by)}
        return (
            NOT_YET,
            _("%(host)s has until %(when)s to answer.") % until,
            _("%(host)s accepts the invitation.") % host,
        )
    if facts.is_open and facts.host_invited_by:
        by = {**host, "when": said(facts.host_invited_by)}
        text = _("%(host)s finds out who the customer is, and is invited by %(when)s at the latest.") % by
        return NOT_YET, text, accepts
    if facts.is_open and not facts.host_asked:
        return NOT_YET, _("%(host)s is being invited.") % host, accepts
    fix = _("Ask %(host)s again, before the deal is closed.") % host if facts.is_open else ""
    return NOT_MET, _("%(host)s did not accept an invitation.") % host, fix


def value_of(bound: Decimal, *, included: bool) -> Rule:
    """In US dollars, by the rate of the month of winning: from `bound`, or above it where it is not `included`."""

    def criterion(facts: Facts) -> Criterion:
        least = money(bound, USD)
        label = _("value from %(least)s") if included else _("value above %(least)s")
        label, source = label % {"least": least}, _source(_("value"))
        if facts.rate is None:
            return Criterion(label, NOT_YET, *_no_rate(facts), code="value", source=source)
        usd = facts.rate.in_usd(facts.value)
        if usd > bound or (included and usd == bound):
            return Criterion(label, MET, _worth(facts, usd), code="value", source=source)
        fix = _("A value of at least %(least)s.") if included else _("A value above %(least)s.")
        fix = fix % {"least": least} if facts.is_open else ""
        return Criterion(label, NOT_MET, _worth(facts, usd), fix, code="value", source=source)

    return criterion


def _worth(facts: Facts, usd: Decimal) -> str:
    """The amount and how it was converted: rate, month, source; provisional before winning."""
    assert facts.rate is not None
    value = money(facts.value, facts.currency)
    if facts.currency == USD:
        return _("The value is %(value)s.") % {"value": value}
    text = _(
        "The value is %(value)s, or %(usd)s by the rate of %(month)s: "
        "1 %(currency)s = %(rate)s USD (%(source)s of %(day)s)."
    ) % {
        "value": value,
        "usd": money(usd, USD),
        "month": _month(facts.rate.month),
        "currency": facts.currency,
        "rate": f"{facts.rate.usd.normalize():f}",
        "source": facts.rate.source,
        "day": said_day(facts.rate.published_on) if facts.rate.published_on else "",
    }
    if facts.is_won:
        return text
    provisional = _("This is provisional: the rate of the month of winning counts.")
    return f"{text} {provisional}"


def _no_rate(facts: Facts) -> tuple[str, str]:
    words = {"currency": facts.currency, "month": _month(facts.rate_on)}
    text = _("The exchange rate of %(currency)s for %(month)s is missing; the operator has been told.") % words
    return text, _("The rate is imported; nothing is asked of you.")


def _month(day: date) -> str:
    return str(format_skeleton("yMMMM", day, locale=locale()))


def customer(facts: Facts) -> Criterion:
    return replace(facts.customer, code="customer", source=_source(_("customer")))


def not_early(facts: Facts) -> Criterion:
    """72 hours between creation and Won. Not required: an early one is registered, and reviewed."""
    safe_at = facts.created_at + SAFE_TO_WIN_AFTER
    label, source = _("won at least 72 hours after creation"), _source(_("72 hours"))
    when = {"when": said(safe_at)}
    if facts.won_at and facts.won_at < safe_at:
        text = _("It was won before %(when)s, so a reviewer looks at the registration.") % when
        standing, fix = NOT_MET, ""
    elif not facts.won_at and facts.now < safe_at:
        text = _("Marking Won is safe after %(when)s.") % when
        standing, fix = NOT_YET, _("Wait until then; won earlier, the registration goes to a reviewer.")
    else:
        standing, text, fix = MET, _("Marking Won was safe after %(when)s.") % when, ""
    return Criterion(label, standing, text, fix, code="not_early", source=source, required=False, safe_at=safe_at)


def one_claim(facts: Facts) -> Criterion | None:
    """Of several partners, only the holder of the customer's contract registers; a second one asks the reviewer."""
    if not facts.several_partners:
        return None
    label, source = _("registered by one partner"), _source(_("contract owner"))
    if not facts.claimed_elsewhere:
        text = _("No other partner has registered this deal. Only the holder of the customer's contract registers.")
        return Criterion(label, MET, text, code="one_claim", source=source, required=False)
    return Criterion(
        label,
        NOT_MET,
        _("Another partner has registered this deal; only the holder of the customer's contract registers."),
        _("If that is your company, you can still put it to the reviewer."),
        code="one_claim",
        source=source,
        required=False,
    )
