"""What every answer has in common."""

import logging
import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from cosell.web.htmx import is_fragment
from cosell.web.reasons import Refused

GetResponse = Callable[[HttpRequest], HttpResponse]
logger = logging.getLogger(__name__)


class RequestId:
    """A name for each request, so that a person's report finds its log lines."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request.id = given if re.fullmatch(r"[\w-]{8,64}", given) else uuid.uuid4().hex
        response = self.get_response(request)
        response["X-Request-ID"] = request.id
        return response


class HtmxAnswers:
    """A page and its fragment share an address; a lost sign-in must not land inside a table."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        if not request.htmx:
            return response
        if response.status_code == 302 and is_fragment(request):
            moved = HttpResponseClientRedirect(response["Location"])
            moved.cookies = response.cookies
            return moved
        response["Cache-Control"] = "no-store"
        return response


class RefusedPages:
    """The net under the views: a refusal that none of them showed in place becomes a page with its reasons."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        return render(request, "refused.html", {"reasons": exception.reasons}, status=exception.status)
