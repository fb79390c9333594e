"""Django's settings, made from the typed environment."""

from pathlib import Path
from urllib.parse import urlsplit

from rapport.config import secret, unfinished
from rapport.config.environment import read
from rapport.kernel.db import database_url

ENVIRONMENT = read()
PACKAGE = Path(__file__).resolve().parent.parent
DATA = ENVIRONMENT.data.resolve()
unfinished.refuse(DATA)


def _secret_key() -> str:
    if ENVIRONMENT.secret_key:
        return ENVIRONMENT.secret_key
    path = secret.path(DATA)
    if not path.exists():
        DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret.make(path)
    return secret.read(path)


def _database() -> dict[str, object]:
    if not ENVIRONMENT.database_url:
        return {
            "ENGINE": "rapport.kernel.db.sqlite",
            "NAME": DATA / "rapport.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                "PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=16384; "
                "PRAGMA journal_size_limit=67108864;",
            },
            "TEST": {"NAME": str(DATA / "test.sqlite3")},
        }
    given = database_url.parse(ENVIRONMENT.database_url)
    return {
        "ENGINE": "rapport.kernel.db.postgresql",
        "NAME": given.pop("dbname"),
        "USER": given.pop("user", ""),
        "PASSWORD": given.pop("password", ""),
        "HOST": given.pop("host", ""),
        "PORT": given.pop("port", ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # The server plans a repeated statement once: half of its work for a mail.
        "OPTIONS": {**given, "server_side_binding": True, "prepare_threshold": 3},
    }


SECRET_KEY = _secret_key()
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", urlsplit(ENVIRONMENT.url).hostname or "localhost"]
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.url.rstrip("/")]
BASE_URL = ENVIRONMENT.url.rstrip("/")
DEMO = ENVIRONMENT.demo
TRUSTED_PROXIES = ENVIRONMENT.proxies

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rapport.kernel.db",
    "rapport.kernel.jobs",
    "rapport.kernel.stream",
    "rapport.kernel.live",
    "rapport.kernel.search",
    "rapport.kernel.files",
    "rapport.kernel.outbound",
    "rapport.kernel.web",
    "rapport.ui",
    "rapport.staff",
    "rapport.customers",
    "rapport.inboxes",
    "rapport.conversations",
    "rapport.canned_replies",
    "rapport.channels.ingest",
    "rapport.channels.delivery",
    "rapport.channels.email",
    "rapport.notifications",
    "rapport.workspace",
    "rapport.console",
    "rapport.demo",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "rapport.kernel.web.visitor.VisitorMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "rapport.kernel.web.headers.SecurityHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "rapport.kernel.web.clean_input.CleanInputMiddleware",
    "rapport.staff.middleware.DoorMiddleware",
]

ROOT_URLCONF = "rapport.config.urls"
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "jinja2",
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "rapport.kernel.web.render.environment"},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "NAME": "django",
        "DIRS": [PACKAGE / "ui" / "django_templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rapport.staff.first_visit.set_up_pending",
            ]
        },
    },
]

AUTH_USER_MODEL = "staff.Account"
AUTHENTICATION_BACKENDS = ["rapport.staff.backend.AccountBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "rapport.staff.passwords.OwnWordsValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "demo" if DEMO else "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "rapport.staff.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Rapport"
MFA_ADAPTER = "rapport.staff.second_factor.SecondFactorAdapter"

SESSION_ENGINE = "rapport.kernel.web.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "rapport.console.views.errors.form_expired"
if not ENVIRONMENT.local:
    SESSION_COOKIE_NAME = "__Host-rapport"
    CSRF_COOKIE_NAME = "__Host-rapport-csrf"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
else:
    SESSION_COOKIE_NAME = "rapport"
    CSRF_COOKIE_NAME = "rapport-csrf"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"

CACHES = (
    {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": ENVIRONMENT.redis_url}}
    if ENVIRONMENT.redis_url
    else {
        "default": {
            "BACKEND": "rapport.kernel.db.cache.LastingCache",
            "LOCATION": "kernel_cache",
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    }
)

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [PACKAGE / "ui" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

UNDO_SECONDS = ENVIRONMENT.undo_seconds

EMAIL_BACKEND = "rapport.kernel.outbound.mail.SystemMailBackend"
DEFAULT_FROM_EMAIL = ENVIRONMENT.system_mail_from

DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"httpx": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
}
