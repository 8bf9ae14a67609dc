"""What every answer has in common."""

import logging
import re
import uuid
from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from cosell.web.htmx import is_fragment
from cosell.web.reasons import Refused
from cosell.web.redirects import came_from

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
            moved = HttpResponseClientRedirect(_whole_page(request, response["Location"]))
            moved.cookies = response.cookies
            return moved
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _whole_page(request: HttpRequest, location: str) -> str:
    """After a new sign-in the person returns to the page, not to the part of it that htmx asked for."""
    login = resolve_url(settings.LOGIN_URL)
    page = request.htmx.current_url_abs_path
    return f"{login}?{urlencode({'next': page})}" if page and location.startswith(login) else location


class RefusedPages:
    """The net under the views: a refusal that none of them showed in place becomes a page with its reasons."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        context = {"reasons": exception.reasons, "back_url": came_from(request)}
        return render(request, "refused.html", context, status=exception.status)


class NoNulCharacters:
    """A NUL is typed by nobody, and no text of the database can hold one: refused at the door, not by each field."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        queries = (request.GET, request.POST)
        given = (text for query in queries for name, texts in query.lists() for text in (name, *texts))
        if any("\x00" in text for text in given):
            raise BadRequest("A NUL character in the request")
        return self.get_response(request)
