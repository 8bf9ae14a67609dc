"""Pages of allauth and of the Django admin."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import admin

from accounts.models import Location
from cosell.events.models import Delivery, Event
from registrations.models import (
    Blackout,
    Evidence,
    ExceptionRequest,
    ExchangeRate,
    Program,
    Receipt,
    Registration,
    Verdict,
)
from tests.access.table import ADMIN_SIGN_IN, ANONYMOUS, EVERYBODY, OPEN, SIGN_IN, Answer, Expected, Row, answers

KEY = {"uidb36": "1", "key": "nonsense-nonsense"}
SIGN_IN_PAGES = [
    Row("account_login", get=answers(others=302, anonymous=200), post=answers(others=302, anonymous=200)),
    Row("account_signup", get=answers(others=302, anonymous=200), post=answers(others=302, anonymous=200)),
    Row("account_logout", get=answers(others=200, anonymous=302), post=answers(others=302, anonymous=302)),
    Row("account_inactive", get=OPEN),
    Row("account_reauthenticate", get=EVERYBODY, post=EVERYBODY),
    Row("account_email", get=EVERYBODY, post=answers(others=302)),
    Row("account_email_verification_sent", get=OPEN),
    Row("account_confirm_email", {"key": "nonsense"}, get=OPEN, post=answers(others=404, anonymous=404)),
    Row("account_change_password", get=EVERYBODY, post=EVERYBODY),
    Row("account_set_password", get=answers(others=302), post=answers(others=302)),
    Row("account_reset_password", get=OPEN, post=OPEN),
    Row("account_reset_password_done", get=OPEN),
    Row("account_reset_password_from_key", KEY, get=OPEN, post=OPEN),
    Row("account_reset_password_from_key_done", get=OPEN),
    Row("account_confirm_login_code", get=answers(others=302, anonymous=302), post=answers(others=302, anonymous=302)),
]


# the Django admin: the operator alone
def operator(answer: Answer, anonymous: Answer = SIGN_IN) -> Expected:
    """Asked by few: nobody else's role is looked at there."""
    everybody = answers(("operator", answer), others=ADMIN_SIGN_IN, anonymous=anonymous)
    return {name: everybody[name] for name in (ANONYMOUS, "ana", "diego", "erik", "operator")}


LISTED = {Event, Registration, Verdict, ExceptionRequest, Evidence, Receipt}
LOOKED_AT = {*LISTED, Delivery}
KEPT = {Location, Program}  # deals and registrations hang on them
NONE_THERE = {Blackout, ExchangeRate, Verdict}  # this world has none: back to the first page


def _admin() -> Iterator[Row]:
    """For each model: change list, add, history, delete, change. Events and the like are only looked at."""
    for model in admin.site._registry:
        meta, name = model._meta, f"admin:{model._meta.app_label}_{model._meta.model_name}"
        some = {"object_id": str(meta.label)}
        adds = 403 if model in {*LOOKED_AT, Program} else 200
        looks = 302 if model in NONE_THERE else 403 if model in LISTED else 200
        changes = 403 if model in LOOKED_AT else looks
        deletes = 403 if model in {*LOOKED_AT, *KEPT} else looks
        yield Row(f"{name}_changelist", get=operator(200), post=operator(200))
        yield Row(f"{name}_add", get=operator(adds), post=operator(adds))
        yield Row(f"{name}_change", some, get=operator(looks), post=operator(changes))
        yield Row(f"{name}_delete", some, get=operator(deletes), post=operator(deletes))
        yield Row(f"{name}_history", some, get=operator(looks), post=operator(looks))
    yield Row("admin:auth_user_password_change", {"id": "accounts.User"}, get=operator(200), post=operator(200))
    yield Row("admin:accounts_customeraccount_import", get=operator(200), post=operator(422))
    yield Row("admin:registrations_exchangerate_import", get=operator(200), post=operator(422))
    for page in ("admin:index", "admin:password_change_done", "admin:jsi18n"):
        yield Row(page, get=operator(200, ADMIN_SIGN_IN))
    yield Row("admin:app_list", {"app_label": "accounts"}, get=operator(200, ADMIN_SIGN_IN))
    yield Row("admin:password_change", get=operator(200, ADMIN_SIGN_IN), post=operator(200, ADMIN_SIGN_IN))
    yield Row("admin:autocomplete", get=operator(403, ADMIN_SIGN_IN))
    some = {"content_type_id": "1", "object_id": "1"}
    yield Row("admin:view_on_site", some, get=operator(404, ADMIN_SIGN_IN))
    # one way in: ours, with its throttle
    yield Row("admin:login", get=answers(("operator", 302), others=403), post=answers(("operator", 200), others=403))
    yield Row("admin:logout", post=answers(("operator", 200), others=302, anonymous=ADMIN_SIGN_IN))


ROWS = [*SIGN_IN_PAGES, *_admin()]
