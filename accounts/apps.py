from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Organizations and people")

    def ready(self) -> None:
        from accounts.directory import directory  # noqa: PLC0415  models are needed

        directory()  # a wrong address fails at the start, not at the first search
