"""What customers and partners are found by, for those that were here before."""

from typing import Any

from django.db import migrations

from accounts.names import name_key, name_words, searched


def fill(apps: Any, schema_editor: Any) -> None:
    accounts = apps.get_model("accounts", "CustomerAccount").objects
    words: set[str] = set()
    for account in accounts.select_related("parent").order_by("pk").iterator():
        others = [*account.former_names, account.parent.name if account.parent else ""]
        name, text, vector = searched(
            account.name,
            others,
            category=account.category,
            country=account.country,
            state=account.state,
            city=account.city,
        )
        accounts.filter(pk=account.pk).update(search_name=name, search_text=text, search_vector=vector)
        words |= name_words(text)
    lexicon = apps.get_model("accounts", "CustomerWord")
    lexicon.objects.bulk_create([lexicon(word=word) for word in sorted(words)], batch_size=5000)
    organizations = apps.get_model("accounts", "Organization").objects
    for organization in organizations.order_by("pk"):
        organizations.filter(pk=organization.pk).update(search_name=name_key(organization.name)[:160])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_find_customers")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
