"""Secrets that must be read again are sealed in the database: a copy of it alone opens no second factor.

The key comes from SECRET_KEY; a key in SECRET_KEY_FALLBACKS still opens what was sealed with it.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

__all__ = ["InvalidToken", "seal", "unseal"]


def seal(text: str) -> str:
    """`text` (say, 200 characters) as at most 400 characters that only this installation reads."""
    return _cipher().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What was sealed. InvalidToken when it was sealed with a key that this installation does not hold."""
    return _cipher().decrypt(sealed.encode()).decode()


def _cipher() -> MultiFernet:
    return MultiFernet([_fernet(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _fernet(key: str | bytes) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"cosell sealed secrets")
    return Fernet(base64.urlsafe_b64encode(derived.derive(force_bytes(key))))
