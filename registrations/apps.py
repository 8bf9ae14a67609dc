from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistrationsConfig(AppConfig):
    name = "registrations"
    verbose_name = _("Registrations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cosell.events import catalogue  # noqa: PLC0415  models exist only once the apps are ready
        from deals import registry  # noqa: PLC0415
        from registrations import enums, notifications, outlook  # noqa: PLC0415

        catalogue.register(*notifications.MESSAGES)
        registry.add(
            of_events=dict(enums.EventKind.choices),
            of_fields=dict(enums.Field.choices),
            of_reasons={**dict(enums.FailReason.choices), **dict(enums.ReviewReason.choices)},
            watcher=outlook.look,
            relations=("registration__program",),
        )
