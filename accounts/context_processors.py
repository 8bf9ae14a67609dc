from django.http import HttpRequest

from accounts.models import Organization


def host(request: HttpRequest) -> dict[str, object]:
    """The host's name is data on every screen; asked for only where a page says it."""
    return {"host": _Host()}


class _Host:
    """Looked up on the first use, so that a page which never names the host asks nothing."""

    def __getattr__(self, name: str) -> object:
        organization = Organization.objects.host()
        self.__dict__.update(name=organization.name, pk=organization.pk)
        return getattr(organization, name)

    def __str__(self) -> str:
        return str(self.name)
