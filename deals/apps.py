from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DealsConfig(AppConfig):
    name = "deals"
    verbose_name = _("Deals")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import registry  # noqa: PLC0415  models exist only once the apps are ready
        from cosell.events import catalogue  # noqa: PLC0415
        from deals import notifications  # noqa: PLC0415
        from deals.actions import leaving  # noqa: PLC0415

        catalogue.register(*notifications.MESSAGES)
        registry.add(hands_over=leaving.hand_over_places, says=leaving.left_behind)
