"""What every page says in the same way: icons, money, times."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from babel.dates import format_date
from babel.numbers import format_decimal
from django import template
from django.http import HttpRequest
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from cosell import clock
from cosell.web.countries import country_name
from cosell.web.dates import locale, said, said_day
from cosell.web.htmx import is_fragment

register = template.Library()
THEMES = ("light", "dark")


@register.simple_tag
def icon(name: str) -> SafeString:
    """A picture beside words; it says nothing by itself. Names: static/icons.svg."""
    return _icon(name)


@cache  # a list draws hundreds
def _icon(name: str) -> SafeString:
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """The reader's theme: "light", "dark", or "" for what the system says."""
    request = context.get("request")
    if request is None:
        return ""
    user = getattr(request, "user", None)
    chosen = user.theme if user is not None and user.is_authenticated else request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES else ""


@register.simple_tag(takes_context=True)
def theme_attribute(context: Context) -> SafeString:
    """For <html>; without it the style sheet asks the system."""
    chosen = theme(context)
    return format_html(' data-theme="{}"', chosen) if chosen else mark_safe("")


@register.filter
def layout(request: HttpRequest) -> str:
    """`{% extends request|layout %}`: the whole page, or for htmx only its content."""
    return "fragment.html" if request and is_fragment(request) else "base.html"


@register.filter
def initials(name: str) -> str:
    """ "Ana Maria Souza": "AS"."""
    words = str(name).split()
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper() if words else ""


@register.simple_tag
def money(amount: Decimal | None, currency: str) -> str:
    """An amount is never shown without its currency: "310,000 USD", "1.234,50 BRL"."""
    if amount in (None, ""):
        return "–"
    whole = amount == amount.to_integral_value()
    return f"{format_decimal(amount, '#,##0' if whole else '#,##0.00', locale=locale())} {currency}"


@register.simple_tag
def when(at: datetime | None) -> str:
    """An instant in the reader's zone."""
    if at is None:
        return ""
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), said(at))


@register.simple_tag
def day(on: date | datetime | None) -> str:
    """A calendar date."""
    if not on:
        return "–"
    on = timezone.localtime(on).date() if isinstance(on, datetime) else on
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), said_day(on))


@register.simple_tag
def countdown(expires_at: datetime | None) -> str:
    """What is left to answer, coloured by urgency."""
    if expires_at is None:
        return ""
    left = expires_at - clock.now()
    seconds = int(left.total_seconds())
    if seconds <= 0:
        return format_html('<span class="tag bad">{}</span>', _("time is over"))
    local = timezone.localtime(expires_at)
    tone = "bad" if seconds <= 86_400 else "warn" if seconds <= 3 * 86_400 else ""
    return format_html(
        '<time class="tag {}" datetime="{}" data-countdown="{}" title="{}">{}</time>',
        tone,
        expires_at.isoformat(),
        seconds,
        f"{format_date(local.date(), 'medium', locale=locale())} {local:%H:%M %Z}",
        _("%(time)s left") % {"time": span(left)},
    )


def span(left: timedelta) -> str:
    """ "2 d 6 h", "19 h", "12 min"."""
    minutes = max(0, int(left.total_seconds()) // 60)
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(minutes)d min") % {"minutes": minutes}


@register.filter
def time_span(start: datetime | None, end: datetime | None) -> str:
    return span(end - start) if start and end else ""


@register.filter
def country(code: str) -> str:
    return country_name(code)
