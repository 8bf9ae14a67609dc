"""The business directory behind the tab "Other" (product.md §4, docs/directory.md).

`directory().find(query)` asks; `token` and `entry_of` carry an entry through a page; `remember` keeps the chosen one.
"""

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.directory.entries import (
    CustomerDirectory,
    DirectoryAnswer,
    DirectoryEntry,
    DirectoryQuery,
    LocalDirectory,
    Problem,
    entry_of,
    token,
)
from accounts.directory.keep import remember
from accounts.directory.over_http import HttpDirectory

__all__ = [
    "CustomerDirectory",
    "DirectoryAnswer",
    "DirectoryEntry",
    "DirectoryQuery",
    "HttpDirectory",
    "LocalDirectory",
    "Problem",
    "directory",
    "entry_of",
    "remember",
    "token",
]


def directory() -> CustomerDirectory:
    """The one that the settings name: COSELL_DIRECTORY, else over HTTP when there is an address, else our own table.

    Raises ImproperlyConfigured for an address or key that cannot be used.
    """
    if settings.COSELL_DIRECTORY:
        return import_string(settings.COSELL_DIRECTORY)()
    return HttpDirectory() if settings.COSELL_DIRECTORY_URL else LocalDirectory()
