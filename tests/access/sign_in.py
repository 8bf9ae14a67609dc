"""The second factor and the companies' own sign-in. THEIRS: allauth's pages, which know more methods."""

from tests.access.table import EVERYBODY, OPEN, Row, answers

HAVE_ONE = "noor erik operator"
# First it must be known that it is still them: an extra question for everybody.
ASKED_AGAIN = answers(others=302)
NOT_WHO_IS_IN = answers(others=302, anonymous=302)

ROWS = [
    Row("company_sign_in", get=OPEN, post=answers(others=422, anonymous=422)),
    Row(
        "openid_connect_callback",
        {"provider_id": "nonsense"},
        get=OPEN,  # a page that posts what the company answered
        post=answers(others=404, anonymous=404),
    ),
    Row("mfa_view_recovery_codes", get=answers((HAVE_ONE, 200), others=404), post=ASKED_AGAIN),
]
THEIRS = [
    Row("mfa_index", get=EVERYBODY),
    Row("mfa_authenticate", get=NOT_WHO_IS_IN, post=NOT_WHO_IS_IN),
    Row("mfa_reauthenticate", get=answers((HAVE_ONE, 200), others=302), post=answers((HAVE_ONE, 200), others=302)),
    Row("mfa_activate_totp", get=ASKED_AGAIN, post=ASKED_AGAIN),
    Row("mfa_deactivate_totp", get=answers((HAVE_ONE, 302), others=404), post=answers((HAVE_ONE, 302), others=404)),
    Row("mfa_generate_recovery_codes", get=ASKED_AGAIN, post=ASKED_AGAIN),
    Row("mfa_list_webauthn", get=ASKED_AGAIN),
    Row("usersessions_list", get=ASKED_AGAIN),
    Row("mfa_add_webauthn", get=ASKED_AGAIN, post=ASKED_AGAIN),
    Row("mfa_reauthenticate_webauthn", get=ASKED_AGAIN, post=ASKED_AGAIN),
    Row("mfa_login_webauthn", get=NOT_WHO_IS_IN, post=NOT_WHO_IS_IN),
    *(
        Row(page, {"pk": 1}, get=ASKED_AGAIN, post=ASKED_AGAIN)
        for page in ("mfa_edit_webauthn", "mfa_remove_webauthn")
    ),
]
