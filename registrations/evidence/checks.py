"""`manage.py check`: the evidence must not lie where a web server hands out files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from registrations.evidence import storage


@register()
def evidence_is_private(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """The folder is neither inside nor around a static or media root."""
    ours = storage.root().resolve()
    served: list[Any] = [settings.STATIC_ROOT, settings.MEDIA_ROOT, *settings.STATICFILES_DIRS]
    roots = [Path(each[1] if isinstance(each, tuple) else each).resolve() for each in served if each]
    if not any(ours.is_relative_to(each) or each.is_relative_to(ours) for each in roots):
        return []
    return [
        Error(
            "COSELL_EVIDENCE_DIR lies in or around a folder whose files the web server hands out.",
            hint="Choose a folder outside of STATIC_ROOT, MEDIA_ROOT and STATICFILES_DIRS.",
            id="registrations.E001",
        )
    ]
