"""Health, and the pages for what went wrong. No stack trace ever reaches a person."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """It can serve people: the database answers. The broker is no condition, every page works without it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"database": "down"}, status=503)
    return JsonResponse({"database": "up"})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", {"reasons": getattr(exception, "reasons", [])}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Stands alone: whatever broke may be what a normal page needs, and then even this one may not render."""
    try:
        page = render_to_string("500.html", {"request_id": getattr(request, "id", "")})
    except Exception:
        page = SERVER_ERROR
    return HttpResponse(page, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "csrf.html", status=403)


SERVER_ERROR = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Something went wrong · Cosell</title><h1>Something went wrong</h1>
<p>The error is on our side and has been noted. What was saved before is safe. Please go back and try again.</p>
<p lang="pt-BR">Algo deu errado do nosso lado. O que já estava salvo continua salvo. Volte e tente novamente.</p>
<p><a href="/">Cosell</a></p></html>"""
