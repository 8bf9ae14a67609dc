from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InviteOnlyAdapter(DefaultAccountAdapter):
    """People are brought in by their organization; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
