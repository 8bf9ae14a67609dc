from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Organizations and people")

    def ready(self) -> None:
        from accounts import notifications, signing_in  # noqa: PLC0415  models are needed
        from accounts.directory import directory  # noqa: PLC0415
        from cosell.events import catalogue  # noqa: PLC0415

        directory()  # a wrong address fails at the start, not at the first search
        catalogue.register(*notifications.MESSAGES)
        signing_in.listen()
