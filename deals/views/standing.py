"""How the own organization answers, and what helps: a page, and a part of Inbound."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from cosell.web.htmx import render_page
from deals.responsiveness import responsiveness_of


@require_GET
def standing(request: HttpRequest) -> HttpResponse:
    if request.who is None:
        raise PermissionDenied
    organization = request.who.organization.pk
    context = {"standing": responsiveness_of([organization])[organization]}
    return render_page(request, "deals/standing.html", context, partial="standing")
