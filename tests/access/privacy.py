"""Personal data: the operator alone."""

from tests.access.table import Row
from tests.access.theirs import operator

ROWS = [
    Row("admin:accounts_user_personal_data", get=operator(200), post=operator(422)),
    Row(
        "admin:accounts_user_personal_data",
        get=operator(200),
        post=operator(200),
        data={"email": "chris.gray@customer.example"},
        about="of a contact",
    ),
]
