"""How each message looks, drawn from a made-up case: for whoever may enter the admin. No deal is read for it."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cosell.events import catalogue, letters
from cosell.events.catalogue import Message, Recipient
from cosell.events.enums import Fill
from cosell.web.reasons import Reason, Refused

# A mail carries its look with it, stands in a frame of our page, and loads nothing.
ALONE = {"default-src": [NONE], "style-src": [UNSAFE_INLINE], "frame-ancestors": [SELF], "form-action": [NONE]}


@require_safe
def preview_list(request: HttpRequest) -> HttpResponse:
    _only_keepers(request)
    return render(request, "events/previews.html", {"groups": catalogue.by_group()})


@require_safe
def preview(request: HttpRequest, name: str) -> HttpResponse:
    message, letter, fill, language = _drawn(request, name)
    context = {
        "message": message,
        "letter": letter,
        "fill": fill,
        "fills": Fill.choices,
        "language": language,
        "languages": settings.LANGUAGES,
    }
    return render(request, "events/preview.html", context)


@csp(ALONE)  # type: ignore[arg-type]  # its types know only views without arguments
@require_safe
def preview_html(request: HttpRequest, name: str) -> HttpResponse:
    _message, letter, _fill, _language = _drawn(request, name)
    return HttpResponse(letter.html, headers={"X-Frame-Options": "SAMEORIGIN"})


def _drawn(request: HttpRequest, name: str) -> tuple[Message, letters.Letter, Fill, str]:
    """The sample that the address names; what it does not say is as usual, in the reader's language."""
    _only_keepers(request)
    message = catalogue.get(name)
    if message is None or message.sample is None:
        raise Http404
    given = request.GET.get("fill", "")
    fill = Fill(given) if given in Fill.values else Fill.USUAL
    language = request.GET.get("language", "")
    if language not in dict(settings.LANGUAGES):
        language = get_language() or settings.LANGUAGE_CODE
    user = request.user
    reader = Recipient(None, user.email, user.full_name, language, user.time_zone)  # type: ignore[union-attr]
    return message, letters.sample(message, reader, fill), fill, language


def _only_keepers(request: HttpRequest) -> None:
    who = getattr(request, "who", None)
    if not request.user.is_superuser and not (who and who.keeps_room):
        raise Refused([Reason("not_admin", _("Only admins look at the messages."))], 403)
