"""The guard guards."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts.models import User
from tests.guards import SafeMethodsDoNotWrite

pytestmark = pytest.mark.django_db


def writes(request: HttpRequest) -> HttpResponse:
    User.objects.create_user(f"{request.method}@contoso.example".lower())
    return HttpResponse()


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_safe_method_that_writes_is_caught(rf: RequestFactory, method: str) -> None:
    with pytest.raises(AssertionError, match="a GET wrote to accounts_user"):
        SafeMethodsDoNotWrite(writes)(rf.generic(method, "/"))


def test_a_post_may_write(rf: RequestFactory) -> None:
    assert SafeMethodsDoNotWrite(writes)(rf.post("/")).status_code == 200
