from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "cosell.web"
    label = "web"
