from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.models import User
from cosell.local.cast import load_people
from cosell.local.cast.customers import load_customers
from cosell.local.cast.deals import load_deals
from cosell.local.cast.registrations import load_registrations


class Command(BaseCommand):
    help = "Load the cast (people, companies, customers, deals, registrations) into an empty database, else nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            self.stdout.write("The database holds people already; nothing to load.")
            return
        with transaction.atomic():
            load_people()
            load_customers()
            load_deals()
            load_registrations()
        self.stdout.write("The cast is loaded.")
