from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistrationsConfig(AppConfig):
    name = "registrations"
    verbose_name = _("Registrations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cosell.events import catalogue  # noqa: PLC0415  models exist only once the apps are ready
        from deals import calendar_feed, home, registry  # noqa: PLC0415
        from registrations import dates, enums, models, notifications, outlook, reading, waiting  # noqa: PLC0415
        from registrations.evidence import checks  # noqa: F401, PLC0415  registers itself
        from registrations.receipts import keys  # noqa: PLC0415

        keys.private_key()  # a wrong setting stops the start, not the first submission

        catalogue.register(*notifications.MESSAGES)
        registry.add(
            of_events=dict(enums.EventKind.choices),
            of_fields=dict(enums.Field.choices),
            of_reasons={**dict(enums.FailReason.choices), **dict(enums.ReviewReason.choices)},
            sayer=reading.said_alone,
            watcher=outlook.look,
            texts=(
                (models.ExceptionRequest, ("text", "answer")),
                (models.Verdict, ("words",)),
                (models.Evidence, ("name",)),
            ),
            relations=("registration__program",),
        )
        for waits in (waiting.to_send_again, waiting.to_review, waiting.exceptions):
            home.add(waits)
        calendar_feed.add(dates.to_register)
