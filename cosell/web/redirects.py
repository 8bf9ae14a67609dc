from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def came_from(request: HttpRequest) -> str:
    """The page of this site that sent the person here, or home."""
    here = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(here, {request.get_host()}, require_https=request.is_secure())
    return here if ours else "/"


def back(request: HttpRequest, default: str = "deals:home") -> HttpResponse:
    """To the page that posted, as its `next` says; never off this site."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return HttpResponseRedirect(target)
    return redirect(default)
