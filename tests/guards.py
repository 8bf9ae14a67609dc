"""Guards against classes of mistakes, on in every test."""

import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

OURS = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM) "?((?:accounts|deals|events|registrations)_\w+)', re.I)
SAFE = {"GET", "HEAD", "OPTIONS"}


class SafeMethodsDoNotWrite:
    """GET never writes: a reload, a prefetch or a link scanner must not change a deal."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in SAFE:
            return self.get_response(request)
        with connection.execute_wrapper(refuse_writes):
            return self.get_response(request)


def refuse_writes(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    written = OURS.match(sql)
    assert not written, f"a GET wrote to {written and written[1]}: {sql[:200]}"
    return execute(sql, params, many, context)
