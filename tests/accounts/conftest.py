"""A host with its only location, and a partner with three."""

import pytest

from accounts.models import Location, Organization
from tests.factories import make_host, make_location, make_organization


@pytest.fixture
def host(db: None) -> Organization:
    return make_host()


@pytest.fixture
def contoso(db: None) -> Organization:
    return make_organization(name="Contoso Data")


@pytest.fixture
def headquarters(contoso: Organization) -> Location:
    return contoso.locations.get(is_global=True)


@pytest.fixture
def london(contoso: Organization) -> Location:
    return make_location(organization=contoso, name="London", country="GB")


@pytest.fixture
def recife(contoso: Organization) -> Location:
    return make_location(organization=contoso, name="Recife", country="BR")
