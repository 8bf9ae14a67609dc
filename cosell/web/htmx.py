"""One view, one template: the page, or the part of it that htmx asks for."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRedirect


def is_fragment(request: HttpRequest) -> bool:
    """htmx asks for a part; a boosted link or a page restored from history wants all of it."""
    htmx = getattr(request, "htmx", None)  # missing when a middleware above it refused the request
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, partial: str = "", status: int = 200
) -> HttpResponse:
    """`template`, or its partial for htmx."""
    name = f"{template}#{partial}" if partial and is_fragment(request) else template
    return render(request, name, dict(context), status=status)


def redirect_to(request: HttpRequest, url: str) -> HttpResponse:
    """To another page, which htmx must load as one."""
    return HttpResponseClientRedirect(url) if is_fragment(request) else HttpResponseRedirect(url)
