"""A company's OpenID Connect provider: django-oauth-toolkit in a process and a database of its own.

`python -m tests.oidc.server <folder> <port>` serves until it is ended. Whoever asks may sign in as anybody of PEOPLE:
what is tested is what our side makes of the answer.
"""

import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.conf import settings

CLIENT_ID, CLIENT_SECRET = "cosell", "a secret of the company"
PEOPLE: dict[str, dict[str, Any]] = {
    "ana": {"email": "ana.souza@contoso.example", "email_verified": True},
    "ana-upper": {"email": "Ana.Souza@Contoso.example"},  # many providers do not say whether it is verified
    "ana-again": {"email": "ana.souza@contoso.example", "email_verified": True},
    "ana-unverified": {"email": "ana.souza@contoso.example", "email_verified": False},
    "sam": {"email": "sam.okoro@northlake.example", "email_verified": True},
    "stranger": {"email": "stranger@contoso.example", "email_verified": True},
    "olga": {"email": "operator@contoso.example", "email_verified": True},
    "nobody": {},
}


def configure(folder: Path, key: str) -> None:
    settings.configure(
        SECRET_KEY="provider",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="tests.oidc.urls",
        USE_TZ=True,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "provider.sqlite3"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIGRATION_MODULES=dict.fromkeys(("auth", "contenttypes", "sessions", "oauth2_provider")),
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],  # of the client secret, at each answer
        SESSION_COOKIE_NAME="provider",  # the browser knows us both as localhost
        LOGIN_URL="/login/",
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": key,
            "PKCE_REQUIRED": True,
            "OAUTH2_VALIDATOR_CLASS": "tests.oidc.urls.Claims",
            "SCOPES": {"openid": "", "profile": "", "email": ""},
            "ALLOWED_REDIRECT_URI_SCHEMES": ["http", "https"],
        },
    )


def rsa_key() -> str:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*kinds).decode()


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True  # a browser opens connections that it does not use yet


def main(folder: str, port: str) -> None:
    configure(Path(folder), rsa_key())
    import django  # noqa: PLC0415

    django.setup()
    from django.contrib.auth.models import User  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415
    from oauth2_provider.models import Application  # noqa: PLC0415

    call_command("migrate", run_syncdb=True, verbosity=0)
    for name in PEOPLE:
        User.objects.create(username=name)
    Application.objects.create(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=True,
        redirect_uris="https://nowhere.example/",
    )
    make_server("127.0.0.1", int(port), get_wsgi_application(), Server, Quiet).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
