"""The operator's repair room; what a company's admins have there is in test_admin_rooms.py."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import CustomerCategory, Role
from accounts.models import CustomerAccount, CustomerImport, Location, Membership, Organization, User
from tests.factories import make_customer, make_location, make_membership, make_organization, make_solution, make_user

pytestmark = pytest.mark.django_db
MODELS = ("user", "organization", "location", "membership", "solution", "customeraccount")


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("operator@people.example", full_name="Olga"))
    return client


@pytest.mark.parametrize("model", MODELS)
def test_lists_search_and_forms_open(
    operator: Client, contoso: Organization, london: Location, model: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        make_membership(organization=contoso, locations=[london])
        make_solution(organization=contoso)
        make_customer(name=f"Água & Luz {number}")
    for address in (
        reverse(f"admin:accounts_{model}_changelist"),
        reverse(f"admin:accounts_{model}_changelist") + "?q=água+%26",
        reverse(f"admin:accounts_{model}_add"),
    ):
        with django_assert_max_num_queries(20):
            assert operator.get(address).status_code == 200
    anyone = User if model == "user" else {m._meta.model_name: m for m in Organization._meta.apps.get_models()}[model]
    change = reverse(f"admin:accounts_{model}_change", args=[anyone.objects.first().pk])
    assert operator.get(change).status_code == 200


def test_a_new_person(operator: Client) -> None:
    answer = operator.post(
        reverse("admin:accounts_user_add"),
        {
            "email": "Ana@people.example",
            "full_name": "Ana Souza",
            "usable_password": "true",
            "password1": "correct horse battery",
            "password2": "correct horse battery",
        },
    )
    assert answer.status_code == 302
    ana = User.objects.get(email__iexact="ana@people.example")
    assert ana.check_password("correct horse battery")
    again = operator.post(
        reverse("admin:accounts_user_add"),
        {"email": "ANA@people.example", "full_name": "Ana", "usable_password": "false"},
    )
    assert again.status_code == 422
    assert again.context["adminform"].form.errors


def test_a_new_organization_has_one_global_location(operator: Client) -> None:
    add = reverse("admin:accounts_organization_add")
    data = {"kind": "partner", "name": "Relecloud", "country": "DE", "language": "en", "time_zone": "Europe/Berlin"}
    assert operator.post(add, data).status_code == 422
    assert not Organization.objects.exists()
    assert operator.post(add, {**data, "partner_id": "300100", "city": "Köln"}).status_code == 302
    place = Location.objects.get()
    assert (place.is_global, place.partner_id, place.city, place.country) == (True, "300100", "Köln", "DE")
    again = operator.post(add, {**data, "name": "Recloud", "partner_id": "300100"})
    assert list(again.context["adminform"].form.errors) == ["partner_id"]


def test_the_global_location_stays(operator: Client, contoso: Organization, headquarters: Location) -> None:
    assert operator.post(reverse("admin:accounts_location_delete", args=[headquarters.pk])).status_code == 403
    other = make_location(organization=contoso)
    operator.post(reverse("admin:accounts_location_delete", args=[other.pk]), {"post": "yes"})
    operator.post(
        reverse("admin:accounts_location_changelist"),
        {"action": "delete_selected", "_selected_action": [headquarters.pk], "post": "yes"},
    )
    assert list(contoso.locations.all()) == [headquarters]


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ("role", {"role": Role.SELLER}),
        ("locations", {"scope": "locations"}),
        ("locations", {"scope": "locations", "locations": "foreign"}),
        ("markets", {"markets": "US, XX"}),
    ],
)
def test_roles_make_sense(operator: Client, contoso: Organization, wrong: str, fields: dict[str, Any]) -> None:
    if fields.get("locations"):
        fields = {**fields, "locations": [make_location(organization=make_organization()).pk]}
    data = {"user": make_user().pk, "organization": contoso.pk, "role": Role.REFERRALS_ADMIN, "scope": "company"}
    answer = operator.post(reverse("admin:accounts_membership_add"), {**data, **fields})
    assert list(answer.context["adminform"].form.errors) == [wrong]
    assert not Membership.objects.exists()


def test_a_sellers_role(operator: Client, host: Organization) -> None:
    data = {"user": make_user().pk, "organization": host.pk, "role": Role.SELLER, "scope": "company"}
    answer = operator.post(reverse("admin:accounts_membership_add"), {**data, "markets": "us, ca", "is_active": "on"})
    assert answer.status_code == 302
    assert Membership.objects.get().markets == ["US", "CA"]


def test_customers(operator: Client) -> None:
    add = reverse("admin:accounts_customeraccount_add")
    data = {"name": "Woodgrove Bank", "category": "managed", "country": "PT", "former_names": "Banco Woodgrove"}
    for number in range(2):  # no account ID is not the same account ID
        assert operator.post(add, {**data, "name": f"Woodgrove {number}"}).status_code == 302
    assert CustomerAccount.objects.get(name="Woodgrove 0").search_text == "woodgrove 0\nbanco woodgrove"
    refused = operator.post(add, {**data, "category": CustomerCategory.MANUAL})
    assert refused.context["adminform"].form.errors  # whose is it?


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("6-000123cs", {"Água & Luz"}),
        ("89-000-0114", {"Água & Luz"}),
        ("https://www.agualuz.example/br", {"Água & Luz"}),
        ("luz AGUA", {"Água & Luz"}),
        ("delícia", {"Água & Luz"}),
        ("agu", {"Água & Luz", "Água Santa"}),
        ("agua", {"Água & Luz", "Água Santa"}),
        ("gua", set()),
        ("agua 'x", set()),
        ("' | \\ & !", set()),
        ("-", set()),
    ],
)
def test_customers_are_found_by_ids_and_words(operator: Client, typed: str, found: set[str]) -> None:
    make_customer(
        name="Água & Luz",
        trade_names=["Delícia"],
        account_id="6-000123CS",
        duns="890000114",
        domain="agualuz.example",
    )
    make_customer(name="Água Santa", duns="", domain="")
    answer = operator.get(reverse("admin:accounts_customeraccount_changelist"), {"q": typed})
    assert {account.name for account in answer.context["cl"].result_list} == found
    picked = {"app_label": "accounts", "model_name": "customeraccount", "field_name": "parent", "term": typed}
    results = operator.get(reverse("admin:autocomplete"), picked).json()["results"]
    assert {result["text"] for result in results} == found


@pytest.mark.parametrize("asked", [{}, {"q": "zava"}, {"q": "6-1"}, {"category__exact": "other"}])
def test_lists_of_customers_never_read_the_whole_table(operator: Client, asked: dict[str, str]) -> None:
    """What is searched for comes by an index; without a search, only the first rows are read and counted."""
    CustomerAccount.objects.bulk_create(
        CustomerAccount(name=f"C {n}", account_id=f"C-{n}", category="managed", country="US") for n in range(3000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_customeraccount")
    with CaptureQueriesContext(connection) as queries:
        answer = operator.get(reverse("admin:accounts_customeraccount_changelist"), asked)
    assert answer.context["cl"].result_count == (0 if asked else 1000)
    count, rows = [query["sql"] for query in queries if 'FROM "accounts_customeraccount"' in query["sql"]]
    assert "LIMIT 1000" in count
    assert asked or "LIMIT 100" in rows
    for sql in (count, rows):
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(line for (line,) in cursor)
        assert not asked or "Seq Scan on accounts_customeraccount" not in plan, plan


# the import of a small file

HEADER = "account_id,name,category,country\n"


def upload(client: Client, text: str | bytes, name: str = "customers.csv") -> Any:
    file = SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)
    return client.post(reverse("admin:accounts_customeraccount_import"), {"file": file})


def test_a_small_file_is_checked_and_then_imported(operator: Client) -> None:
    address = reverse("admin:accounts_customeraccount_import")
    assert address in operator.get(reverse("admin:accounts_customeraccount_changelist")).content.decode()
    assert operator.get(address).status_code == 200
    make_customer(account_id="Z-1", name="Old name", category="managed", country="BR")
    rows = "Z-1,Zava Alimentos,managed,BR\nZ-2,=HYPERLINK(1)<b>,other,US\nZ-3,,other,US\n"
    checked = upload(operator, HEADER + rows)
    page = checked.content.decode()
    what = checked.context["outcome"].what
    assert checked.status_code == 200
    assert (what.inserted, what.updated, what.unchanged, what.refused) == (1, 1, 0, 1)
    assert "Required." in page
    assert CustomerAccount.objects.values_list("name", flat=True).get() == "Old name"
    assert not CustomerImport.objects.exists()

    mark = checked.context["form"].source.sha256
    assert f'name="checked" value="{mark}"' in page
    done = operator.post(address, {"checked": mark})
    assert done.status_code == 200
    assert set(CustomerAccount.objects.values_list("name", flat=True)) == {"Zava Alimentos", "=HYPERLINK(1)<b>"}
    last = CustomerImport.objects.get()
    assert (last.inserted, last.updated, last.refused, last.file_name) == (1, 1, 1, "customers.csv")
    assert last.by
    assert last.by.email == "operator@people.example"
    assert last.finished_at
    assert operator.post(address, {"checked": mark}).status_code == 422  # kept no longer


def test_cells_are_shown_and_not_run(operator: Client) -> None:
    page = upload(operator, HEADER + 'Z-1,Zava,managed,"=1+1<script>"\n').content.decode()
    assert "=1+1&lt;script&gt;" in page
    assert "=1+1<script>" not in page


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (HEADER + "Z-1,Zava,managed,BR\n" * 5001, "manage.py import_customers"),
        (HEADER + "Z-1,Zava,managed,BR," + "x" * 5_000_000, "manage.py import_customers"),
        ((HEADER + "Z-1,Água,managed,BR\n").encode("utf-16"), "UTF-8"),
        ("account_id,name,category,country,<b>\n", "“&lt;b&gt;”"),
        (HEADER + "Z-1," + '"' + "x" * 140_000, "Is a quote left open?"),
        (HEADER, "no row"),
    ],
)
def test_files_that_are_refused(operator: Client, content: str | bytes, says: str) -> None:
    answer = upload(operator, content)
    assert answer.status_code == 422
    assert says in answer.content.decode().split("<fieldset", 1)[0]
    assert not CustomerAccount.objects.exists()


def test_a_form_without_a_file(operator: Client) -> None:
    address = reverse("admin:accounts_customeraccount_import")
    for data in ({}, {"checked": "x"}, {"checked": "0" * 64}):
        assert operator.post(address, data).status_code == 422


def test_five_thousand_rows_are_few(operator: Client) -> None:
    rows = "".join(f"Z-{number},Zava {number},managed,BR\n" for number in range(5000))
    assert upload(operator, HEADER + rows).context["outcome"].what.inserted == 5000


def test_who_may_import(client: Client, host: Organization, contoso: Organization) -> None:
    """Who keeps the host's lists; to be staff, with Django's own permissions, opens nothing."""
    address = reverse("admin:accounts_customeraccount_import")
    helper = User.objects.create_user("helper@people.example", full_name="Hana", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="change_customeraccount"))
    partner = make_membership(organization=contoso, role=Role.REFERRALS_ADMIN).user
    for user, status in (
        (helper, 302),
        (partner, 403),
        (make_membership(organization=host, role=Role.VENDOR_ADMIN).user, 200),
    ):
        client.force_login(user)
        assert client.get(address).status_code == status
        assert upload(client, HEADER + "Z-1,Zava,managed,BR\n").status_code == status
    assert address in client.get(reverse("admin:accounts_customeraccount_changelist")).content.decode()
    assert not CustomerAccount.objects.exists()


def test_nobody_imports_what_somebody_else_checked(operator: Client) -> None:
    mark = upload(operator, HEADER + "Z-1,Zava,managed,BR\n").context["form"].source.sha256
    operator.force_login(User.objects.create_superuser("other@people.example", full_name="Otto"))
    assert operator.post(reverse("admin:accounts_customeraccount_import"), {"checked": mark}).status_code == 422
    assert not CustomerAccount.objects.exists()
