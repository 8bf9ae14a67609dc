from django.apps import AppConfig


class LocalConfig(AppConfig):
    """Everything on one machine: the embedded servers, the demo and its cast. Never installed in production."""

    name = "cosell.local"
