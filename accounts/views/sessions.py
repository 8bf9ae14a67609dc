"""Where one is signed in: end one session, all others, or every one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts import signing_in
from accounts.devices import browser_words


@require_http_methods(["GET", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _end(request)
    here = request.session.session_key
    rows = [
        {"session": session, "browser": browser_words(session.user_agent), "is_this": session.session_key == here}
        for session in signing_in.sessions_of(request.user)
    ]
    return render(request, "accounts/sessions.html", {"rows": sorted(rows, key=lambda row: not row["is_this"])})


def _end(request: HttpRequest) -> HttpResponse:
    what = request.POST.get("end", "")
    if what == "everywhere":
        signing_in.end_all_sessions(request, also_this=True)
        request.session.flush()
        messages.success(request, _("You are signed out everywhere."))
        return redirect("account_login")
    if what == "others":
        count = signing_in.end_all_sessions(request, also_this=False)
        words = ngettext("%(count)d other session ended.", "%(count)d other sessions ended.", count)
        messages.success(request, words % {"count": count})
    elif what.isdecimal() and len(what) < 18:
        if signing_in.end_one_session(request, int(what)):
            messages.success(request, _("The session ended."))
        else:
            messages.info(request, _("That session was over already."))
    else:
        raise Http404
    return redirect("accounts:sessions")
