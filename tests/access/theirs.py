"""Pages of allauth and of the Django admin."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import admin

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


# ------------------------------------------------------------------------------------------------- the Django admin

IN = ("ana", "diego", "erik", "operator")  # of a partner's deals; of its people and solutions; of the host; of all


def keepers(*said: Answer, anonymous: Answer | None = None) -> Expected:
    """Asked by one of each room, in their order; who has none is shown the way in."""
    outside = {} if anonymous is None else {ANONYMOUS: anonymous, "rui": ADMIN_SIGN_IN}
    return {**outside, **dict(zip(IN, said, strict=True))}


# What somebody gets of a model and of its first row: the list; add, change, delete (GET, POST); the row's history.
ANSWERS: dict[str, tuple[int, ...]] = {
    "-": (403, 403, 403, 403, 403, 403, 403, 404),  # has no room for it
    "l": (200, 403, 403, 403, 403, 403, 403, 403),  # sees that it is there, and opens nothing
    "r": (200, 403, 403, 200, 403, 403, 403, 200),  # reads it
    "c": (200, 403, 403, 200, 422, 403, 403, 200),  # changes it, and adds none
    "a": (200, 200, 422, 200, 403, 403, 403, 200),  # adds, and changes none
    "w": (200, 200, 422, 200, 422, 403, 403, 200),  # adds and changes
    "d": (200, 200, 422, 200, 422, 200, 200, 200),  # and removes
    "x": (200, 403, 403, 200, 403, 200, 200, 200),  # looks at it, and removes it
    "p": (200, 302, 302, 200, 403, 403, 403, 200),  # reads it; instead of adding one, asks a person in
    # and the same where the row is another company's, or there is none
    "R": (200, 403, 403, 404, 403, 403, 403, 404),
    "C": (200, 403, 403, 404, 404, 403, 403, 404),
    "A": (200, 200, 422, 404, 403, 403, 403, 404),
    "W": (200, 200, 422, 404, 404, 403, 403, 404),
    "D": (200, 200, 422, 404, 404, 404, 404, 404),
    "P": (200, 302, 302, 404, 403, 403, 403, 404),
    # allauth's own pages, by Django's permissions: of a row, and of none
    "!": (403, 403, 403, 403, 403, 403, 403, 403),
    "o": (200, 200, 200, 200, 200, 200, 200, 200),
    "?": (403, 403, 403, 403, 403, 403, 403, 302),
    "n": (200, 200, 200, 302, 302, 302, 302, 302),
}
ROOMS = {  # for Ana, Diego, Erik, the operator
    "account.EmailAddress": "!!!o",
    "accounts.CustomerAccount": "--wd",
    "accounts.IdentityProvider": "-WWW",
    "accounts.Invite": "-aAa",
    "accounts.Location": "WWww",
    "accounts.Membership": "-wWd",
    "accounts.Organization": "RRwd",
    "accounts.PartnerProgram": "--wd",
    "accounts.RoutingRule": "dr-d",
    "accounts.Solution": "rwwd",
    "accounts.SolutionArea": "--wd",
    "accounts.SolutionPlay": "--wd",
    "accounts.User": "rpPd",
    "deals.Deal": "c-C-",
    "events.BadAddress": "RRRR",
    "events.ChatHook": "ddDd",
    "events.Delivery": "RRrr",
    "events.Event": "lRRl",
    "mfa.Authenticator": "---x",
    "registrations.Blackout": "--DD",
    "registrations.Evidence": "---l",
    "registrations.ExceptionRequest": "---l",
    "registrations.ExchangeRate": "--DD",
    "registrations.Program": "--cc",
    "registrations.Receipt": "---l",
    "registrations.Registration": "---l",
    "registrations.Verdict": "---R",
    "usersessions.UserSession": "???n",
}


def _models() -> Iterator[Row]:
    for model in admin.site._registry:
        meta, name = model._meta, f"admin:{model._meta.app_label}_{model._meta.model_name}"
        some = {"object_id": str(meta.label)}
        listed, *said = [keepers(*each) for each in zip(*(ANSWERS[key] for key in ROOMS[meta.label]), strict=True)]
        yield Row(f"{name}_changelist", get={**listed, ANONYMOUS: SIGN_IN, "rui": ADMIN_SIGN_IN})
        yield Row(f"{name}_add", get=said[0], post=said[1])
        yield Row(f"{name}_change", some, get={**said[2], ANONYMOUS: SIGN_IN, "rui": ADMIN_SIGN_IN}, post=said[3])
        yield Row(f"{name}_delete", some, get=said[4], post=said[5])
        yield Row(f"{name}_history", some, get=said[6])


def _others() -> Iterator[Row]:
    yield Row("admin:auth_user_password_change", {"id": "accounts.User"}, get=keepers(403, 403, 403, 200))
    for model in ("accounts_customeraccount", "registrations_exchangerate"):
        yield Row(f"admin:{model}_import", get=keepers(403, 403, 200, 200), post=keepers(403, 403, 422, 422))
    # of a message to the host's reviewers, which is no mail to be read
    letter = {"object_id": "events.Delivery"}
    yield Row("admin:events_delivery_letter", letter, get=keepers(404, 404, 200, 404, anonymous=SIGN_IN))
    everybody = keepers(200, 200, 200, 200, anonymous=ADMIN_SIGN_IN)
    yield Row("admin:index", get=everybody)
    yield Row("admin:jsi18n", get=everybody)
    yield Row("admin:app_list", {"app_label": "accounts"}, get=everybody)
    yield Row("admin:autocomplete", get=keepers(403, 403, 403, 403, anonymous=ADMIN_SIGN_IN))
    # one way in and out: ours, with its throttle
    yield Row("admin:login", get={**keepers(302, 302, 302, 302), "rui": 403, ANONYMOUS: SIGN_IN})
    yield Row("admin:logout", post=keepers(302, 302, 302, 302))


ROWS = [*SIGN_IN_PAGES, *_models(), *_others()]
