from django.db import migrations

CODES = ("azure_ip", "bizapps_standard", "bizapps_premium")


def fill(apps, schema_editor):
    Program = apps.get_model("registrations", "Program")
    for code in CODES:
        Program.objects.get_or_create(code=code)


class Migration(migrations.Migration):
    dependencies = [("registrations", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
