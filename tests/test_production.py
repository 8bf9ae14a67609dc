"""What only production does, done here once."""

from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import Client

from accounts.models import User


def test_static_files_are_collected_with_names_of_their_content(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    backend = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": backend}
    call_command("collectstatic", interactive=False, verbosity=0)  # raises for a reference to a file that is missing
    for finder in finders.get_finders():
        for path, _storage in finder.list(["*.md", "*.py"]):
            assert (tmp_path / staticfiles_storage.stored_name(path)).exists()


def test_the_policy_allows_nothing_inline(client: Client) -> None:
    policy = client.get("/healthz")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_nobody_signs_up(client: Client, db: None) -> None:
    client.post("/sign-in/signup/", {"email": "new@contoso.example", "password1": "correct horse battery"})
    assert not User.objects.exists()


def test_readiness_is_told_by_the_database(client: Client, db: None) -> None:
    assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 200)
