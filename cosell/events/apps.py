from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "cosell.events"
    label = "events"
    verbose_name = _("Events")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cosell.events import bounces, catalogue, notifications  # noqa: PLC0415  models exist only when apps are ready

        catalogue.register(*notifications.MESSAGES)
        bounces.listen()
