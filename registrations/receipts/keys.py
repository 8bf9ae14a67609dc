"""The key that receipts are signed with: Ed25519, from COSELL_RECEIPT_KEY or else from SECRET_KEY."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from registrations.models import ReceiptKey

SEED = 32  # bytes


def private_key() -> Ed25519PrivateKey:
    """The one that signs now. ImproperlyConfigured when COSELL_RECEIPT_KEY is no key."""
    return Ed25519PrivateKey.from_private_bytes(_seed())


def _seed() -> bytes:
    if not settings.COSELL_RECEIPT_KEY:
        derived = HKDF(algorithm=SHA256(), length=SEED, salt=None, info=b"cosell receipts")
        return derived.derive(settings.SECRET_KEY.encode())
    try:
        seed = b64decode(settings.COSELL_RECEIPT_KEY, validate=True)
    except ValueError:
        seed = b""
    if len(seed) != SEED:
        raise ImproperlyConfigured("COSELL_RECEIPT_KEY must be 32 bytes in base64: openssl rand -base64 32")
    return seed


def sign(text: str) -> str:
    """The signature of the text's UTF-8, in base64."""
    return b64encode(private_key().sign(text.encode())).decode()


def published(now: datetime) -> ReceiptKey:
    """The public half of the key that signs now, kept for good from its first use on.

    Two first uses at once meet at the unique `kid`: the second waits and reads the first one's row.
    """
    public = private_key().public_key()
    given = {"public_pem": pem_of(public), "created_at": now}
    return ReceiptKey.objects.get_or_create(kid=kid_of(public), defaults=given)[0]


def pem_of(public: Ed25519PublicKey) -> str:
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def kid_of(public: Ed25519PublicKey) -> str:
    """Its name: the first 16 hexadecimal digits of the SHA-256 of its 32 bytes."""
    return sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def read_public(pem: str) -> Ed25519PublicKey:
    """ValueError when `pem` is no public key of Ed25519."""
    try:
        public = load_pem_public_key(pem.encode())
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from error
    if not isinstance(public, Ed25519PublicKey):
        raise ValueError("not a key of Ed25519")
    return public


def is_signed(public: Ed25519PublicKey, text: str, signature: str) -> bool:
    """Did the key's holder sign exactly this text?"""
    try:
        public.verify(b64decode(signature, validate=True), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
