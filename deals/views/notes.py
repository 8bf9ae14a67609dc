"""Notes for sellers, drafted: streamed to the page's script; without one, in the page that asks.

Both addresses stand for the page that they are pressed on (the step Help, the dialog that shares a deal): its own
buttons work there too, and a reload leads back to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.models import Organization
from cosell import clock
from deals import actions, notes, rules
from deals.enums import Action
from deals.views import act, wizard
from deals.views.detail import visible_deal
from deals.views.drafts import own_draft
from deals.wizard import Wizard

LINES = "application/x-ndjson"
AREAS = {"problem": "customer_problem", "help": "help_needed"}


@require_http_methods(["GET", "POST"])
def for_draft(request: HttpRequest, uid: UUID) -> HttpResponse:
    """In the wizard, where what was typed is kept with every button."""
    steps = Wizard(own_draft(request, uid), request.who, Organization.objects.host())
    if steps.step("help") is None:
        raise Http404
    if request.method == "GET":
        return redirect("deals:draft", uid, "help")

    def draft() -> notes.Draft:
        return notes.draft_notes(request.who, uid, notes.from_wizard(steps, request.POST))

    if _by_script(request):
        return _streamed(draft())
    if request.POST.get("go") in BUTTONS:
        request.POST = pressed(request.POST, uid, draft)
        request.POST["go"] = "search"  # the wizard's word for: keep it, and show this page again
    return wizard.draft(request, uid, "help")


@require_http_methods(["GET", "POST"])
def for_deal(request: HttpRequest, uid: UUID) -> HttpResponse:
    """In the dialog that shares a deal, for who may share it."""
    deal = visible_deal(request, uid)
    if request.method == "GET":
        return redirect("deals:act", uid, Action.SHARE)
    if reasons := rules.refusals(request.who, deal, Action.SHARE, clock.now()):
        raise actions.refused(reasons)

    def draft() -> notes.Draft:
        return notes.draft_notes(request.who, uid, notes.from_deal(deal, request.POST))

    if _by_script(request):
        return _streamed(draft())
    if request.POST.get("go") not in BUTTONS:
        return act.act(request, uid, Action.SHARE)
    form_class, _do = act.DIALOGS[Action.SHARE]
    form = form_class(pressed(request.POST, uid, draft), deal=deal, action=Action.SHARE)
    form.errors.clear()  # nobody has said yet that this is all
    return act._dialog(request, deal, Action.SHARE, form)


def _by_script(request: HttpRequest) -> bool:
    return LINES in request.headers.get("Accept", "")


def _streamed(draft: notes.Draft) -> StreamingHttpResponse:
    """Lines of JSON: {"part", "text"} as it comes, {"end"} last; empty ones in between, so that a reader who has gone
    is noticed by the server that writes to it."""
    response = StreamingHttpResponse(_lines(draft), content_type=LINES)
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # of a proxy
    response["Content-Encoding"] = "identity"  # or our own compression holds the lines back until it has enough
    return response


def _lines(draft: notes.Draft) -> Iterator[bytes]:
    try:
        for each in draft:
            line: dict[str, object] = {}
            if isinstance(each, notes.Offer):
                line = {"end": _said(each)}
            elif each:
                line = {"part": each[0], "text": each[1]}
            yield (json.dumps(line) if line else "").encode() + b"\n"
    finally:
        draft.close()  # the reader has gone, or all is said


def _said(offer: notes.Offer) -> dict[str, object]:
    return {
        "label": offer.label,
        "message": offer.message,
        "source": offer.by,
        "problem": offer.problem,
        "help": offer.help,
        "inputs": offer.inputs,
        "drafted": offer.signed(),
        "used": offer.used(),
    }


# the four buttons without JavaScript; static/js/notes.js does the same in the page


def pressed(data: QueryDict, about: UUID, draft: Callable[[], notes.Draft]) -> QueryDict:
    """What the form holds after one of BUTTONS was pressed."""
    given = data.copy()
    BUTTONS[given["go"]](given, notes.Offer.read(given.get("drafted", ""), about), draft)
    return given


def _draft(given: QueryDict, offer: notes.Offer | None, draft: Callable[[], notes.Draft]) -> None:
    *_pieces, last = draft()
    given["drafted"] = last.signed()


def _use(given: QueryDict, offer: notes.Offer | None, draft: Callable[[], notes.Draft]) -> None:
    """The draft into the fields; what stood there is kept, each text once."""
    if offer is None:
        return
    for part, area in AREAS.items():
        text, before = _plain(given.get(area, "")), _plain(given.get(f"original_{part}", ""))
        if text not in before and text != getattr(offer, part):
            given[f"original_{part}"] = f"{before}\n\n{text}".strip()
        given[area] = getattr(offer, part)
    given["drafted_by"] = offer.used()


def _put_back(given: QueryDict, offer: notes.Offer | None, draft: Callable[[], notes.Draft]) -> None:
    """The person's words into the fields; a draft that was changed meanwhile is kept in their place."""
    for part, area in AREAS.items():
        text = _plain(given.get(area, ""))
        given[area] = given.get(f"original_{part}", "")
        given[f"original_{part}"] = "" if offer and text == getattr(offer, part) else text
    given["drafted_by"] = ""


def _discard(given: QueryDict, offer: notes.Offer | None, draft: Callable[[], notes.Draft]) -> None:
    given["drafted"] = ""


def _plain(text: str) -> str:
    """As it stood in the field: on its way a form doubles each line break."""
    return text.replace("\r\n", "\n").strip()


BUTTONS = {"draft": _draft, "use": _use, "put_back": _put_back, "discard": _discard}
