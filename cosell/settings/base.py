"""What holds everywhere. Places (database, broker, mail server) come from the environment, see docs/operations.md."""

import json
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parents[2]


def database(url: str) -> dict[str, object]:
    """A Django database from a postgresql:// address."""
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


INSTALLED_APPS = [
    "cosell.web",
    "cosell.events",
    "accounts",
    "deals",
    "registrations",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "django_filters",
    "template_partials",
    "csp",
    "accounts.site.RoomsConfig",  # the Django admin, with a door of our own
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "cosell.web.middleware.RequestId",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cosell.web.middleware.HtmxAnswers",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.WhoMiddleware",
    "accounts.gate.SecondFactorGate",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cosell.web.middleware.RefusedPages",
    "cosell.web.middleware.NoNulCharacters",
]

ROOT_URLCONF = "cosell.urls"
WSGI_APPLICATION = "cosell.wsgi.application"
ASGI_APPLICATION = "cosell.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context_processors.host",
                "cosell.events.context_processors.bell",
            ],
            "builtins": [
                "cosell.web.templatetags.cosell",
                "deals.templatetags.deals",
                "registrations.templatetags.registrations",
                "django.templatetags.i18n",
            ],
        },
    },
]
FORM_RENDERER = "cosell.web.forms.Renderer"

# people
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "deals:home"
ACCOUNT_ADAPTER = "accounts.adapter.InviteOnlyAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # people are invited to an address that their organization gave
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody may have us write to strangers
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/5m/key"}  # an office shares one address
PASSWORD_RESET_TIMEOUT = 86_400  # seconds that the link of the mail holds

# The second factor, and the companies' own sign-in (docs/sign-in.md)
MFA_ADAPTER = "accounts.mfa.Adapter"
MFA_FORMS = {
    "activate_totp": "accounts.mfa_forms.AppForm",
    "add_webauthn": "accounts.mfa_forms.PasskeyForm",
    "authenticate": "accounts.mfa_forms.CodeForm",
    "edit_webauthn": "accounts.mfa_forms.RenameForm",
    "reauthenticate": "accounts.mfa_forms.CodeAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Cosell"
MFA_TOTP_TOLERANCE = 1  # clocks of phones: half a minute to either side
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # people are invited to an address that their organization gave
SOCIALACCOUNT_ADAPTER = "accounts.company_sign_in.CompanyAdapter"

# Sessions and the throttle's cache stand in the database: every page works while the broker is down.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
# The directory's answers are there too: with Django's limit of 300 rows they would push the throttles out.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "web_cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# words and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("pt-br", _("Portuguese (Brazil)"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]

# Strict: no inline script or style anywhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False  # htmx sends the token from a header that the page carries
CSRF_FAILURE_VIEW = "cosell.web.views.csrf_failure"

# mail
DEFAULT_FROM_EMAIL = os.environ.get("COSELL_FROM_EMAIL", "Cosell <no-reply@cosell.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = os.environ.get("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS", "") == "1"
EMAIL_TIMEOUT = 10
# A mail service instead of a server, by anymail (docs/mail.md): its settings, as JSON.
ANYMAIL = json.loads(os.environ.get("COSELL_ANYMAIL", "").strip() or "{}")
INSTALLED_APPS += ["anymail"] if ANYMAIL else []
# The operator's people, told of what only they can mend (docs/exchange-rates.md): addresses with commas between them.
ADMINS = [("", each.strip()) for each in os.environ.get("COSELL_OPERATORS", "").split(",") if each.strip()]
EMAIL_SUBJECT_PREFIX = "[Cosell] "
BASE_URL = os.environ.get("COSELL_BASE_URL", "http://127.0.0.1:8000")  # links in mails

# Hosts of the operator's own network that people may have us call (docs/mail.md): "chat.corp.example:8065", by commas.
COSELL_OUTSIDE_ALLOW = frozenset(
    each.strip().lower() for each in os.environ.get("COSELL_OUTSIDE_ALLOW", "").split(",") if each.strip()
)

# The business directory behind the tab "Other" (docs/directory.md): none of them set is our own table alone.
COSELL_DIRECTORY = os.environ.get("COSELL_DIRECTORY", "")  # a class by its path, for a protocol of one's own
COSELL_DIRECTORY_URL = os.environ.get("COSELL_DIRECTORY_URL", "").strip()
COSELL_DIRECTORY_KEY = os.environ.get("COSELL_DIRECTORY_KEY", "").strip()
COSELL_DIRECTORY_TIMEOUT = float(os.environ.get("COSELL_DIRECTORY_TIMEOUT", "2"))  # seconds, for the whole answer
COSELL_DIRECTORY_RATE = int(os.environ.get("COSELL_DIRECTORY_RATE", "60"))  # questions a minute, all processes

# A language model that drafts notes for sellers (docs/notes-drafting.md): without address and model, none is asked.
COSELL_LLM_URL = os.environ.get("COSELL_LLM_URL", "").strip()
COSELL_LLM_KEY = os.environ.get("COSELL_LLM_KEY", "").strip()
COSELL_LLM_MODEL = os.environ.get("COSELL_LLM_MODEL", "").strip()
COSELL_LLM_TIMEOUT = float(os.environ.get("COSELL_LLM_TIMEOUT", "20"))  # seconds, for the whole draft
COSELL_LLM_MONTHLY_TOKENS = int(os.environ.get("COSELL_LLM_MONTHLY_TOKENS", "1000000"))  # of each organization

# Files that show a contract (docs/evidence.md). The command gets a file's path: 0 is clean, 1 infected; none, no scan.
COSELL_EVIDENCE_DIR = os.environ.get("COSELL_EVIDENCE_DIR", "").strip() or BASE_DIR / ".local" / "evidence"
COSELL_SCAN_COMMAND = os.environ.get("COSELL_SCAN_COMMAND", "").strip()

# Receipts are signed with it (docs/receipts.md): 32 bytes in base64; without it, a key derived from SECRET_KEY.
COSELL_RECEIPT_KEY = os.environ.get("COSELL_RECEIPT_KEY", "").strip()

# The broker is an accelerator; the tables are the promise. A dead one must not hold a page.
CELERY_BROKER_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 5, "visibility_timeout": 3600}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep deliveries": {"task": "cosell.events.tasks.sweep", "schedule": 60},
    "sweep chat lines": {"task": "cosell.events.tasks.sweep_chats", "schedule": 60},
    "send daily summaries": {"task": "cosell.events.tasks.send_summaries", "schedule": 60},
    "expire unanswered invitations": {"task": "deals.tasks.expire_due", "schedule": 60},
    "remind of invitations": {"task": "deals.tasks.remind_due", "schedule": 60},
    "withdraw what closed senders left open": {"task": "deals.tasks.withdraw_due", "schedule": 60},
    "invite hosts that waited for matching": {"task": "deals.tasks.release_due", "schedule": 600},
    "look for the accounts of typed customers": {"task": "deals.tasks.match_due", "schedule": 60},
    "look after drafts": {"task": "deals.tasks.tend_drafts", "schedule": 3600},
    "forget customers' contacts": {"task": "deals.tasks.forget_contacts", "schedule": 3600},
    "end registrations that are decided": {"task": "registrations.tasks.close_decided", "schedule": 60},
    "remind of reviews, and hand on": {"task": "registrations.tasks.remind_and_escalate", "schedule": 60},
    "clean up unfinished uploads": {"task": "registrations.tasks.clean_uploads", "schedule": 86_400},
    "warn of exchange rates that are missing": {"task": "registrations.tasks.warn_of_missing_rates", "schedule": 3600},
    "look again at what can be registered": {"task": "registrations.tasks.look_again", "schedule": 3600},
    "count the words of customers' names": {"task": "accounts.tasks.rebuild_customer_words", "schedule": 86_400},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django": {"handlers": []}},  # else every error of a page would be mailed, with what people had typed
}
