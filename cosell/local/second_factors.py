"""The second factors of the cast: their codes are on a page of the demo's mail catcher, as if on their phones.

Worth nothing elsewhere, like their password. Knows no Django: the mail catcher is a process of its own.
"""

import base64
import hashlib
import hmac
import struct

PERIOD = 30  # seconds

SECRETS = {
    "noor.haddad@microsoft.example": "NOORNOORNOORNOORNOORNOORNOORNOOR",
    "erik.holm@microsoft.example": "ERIKERIKERIKERIKERIKERIKERIKERIK",
    "operator@cosell.example": "OLGAOLGAOLGAOLGAOLGAOLGAOLGAOLGA",
}


def code(secret: str, at: float) -> str:
    """What the app shows at `at`, seconds since 1970 (RFC 6238, SHA-1, six digits)."""
    counter = struct.pack(">Q", int(at) // PERIOD)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
