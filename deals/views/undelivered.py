"""Mails that did not arrive: tried again, or given up, from the page of the deal."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cosell.events import outbox
from deals import perms, undelivered
from deals.enums import Action
from deals.views.detail import page_context, visible_deal


@require_POST
def repair(request: HttpRequest, uid: UUID, delivery: UUID) -> HttpResponse:
    """`do` is "cancel" to give up; anything else sends the mail again."""
    deal = visible_deal(request, uid)
    if reasons := perms.refusals(request.who, deal, Action.EDIT):
        return render(request, "deals/detail.html", page_context(request, deal, reasons=reasons), status=403)
    found = undelivered.deliveries(request.who, deal, delivery)
    if request.POST.get("do") == "cancel":
        count, words = outbox.cancel(found), _("This mail will not be sent.")
    else:
        count, words = outbox.resend(found), _("This mail is sent again within a minute.")
    if count:
        messages.success(request, words)
    else:
        messages.info(request, _("Nothing is to be done about this mail any more."))
    return redirect("deals:detail", uid)
