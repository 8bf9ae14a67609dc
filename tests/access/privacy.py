"""Personal data: the operator alone."""

from tests.access.table import Row
from tests.access.theirs import keepers

ROWS = [
    Row("admin:accounts_user_personal_data", get=keepers(403, 403, 403, 200), post=keepers(403, 403, 403, 422)),
    Row(
        "admin:accounts_user_personal_data",
        get=keepers(403, 403, 403, 200),
        post=keepers(403, 403, 403, 200),
        data={"email": "chris.gray@customer.example"},
        about="of a contact",
    ),
]
