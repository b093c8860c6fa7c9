"""Settings that hold everywhere. What differs lies in development, production and test."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from marketing_platform.settings import environment
from marketing_platform.settings.people import *  # noqa: F403
from marketing_platform.settings.staff import staff_look
from marketing_platform.tiers.registry import REGISTRY, deployed

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(environment.text("PLATFORM_VAR", str(BASE_DIR / "var"))).resolve()
FONT_DIR = VAR_DIR / "fonts"

PRODUCT_NAME = environment.text("PRODUCT_NAME", "Nukkad")

# --- hosts: BASE_DOMAIN is the public site, <slug>.BASE_DOMAIN a workspace, admin.BASE_DOMAIN staff
BASE_DOMAIN = environment.text("BASE_DOMAIN", "localhost:8000").lower()
BASE_HOST = BASE_DOMAIN.partition(":")[0]
PUBLIC_SCHEME = environment.text("PUBLIC_SCHEME", "http")
PUBLIC_URL = f"{PUBLIC_SCHEME}://{BASE_DOMAIN}"
PUBLIC_HOST_ALIASES: tuple[str, ...] = ()
# How many proxies of ours stand before the web server and append to X-Forwarded-For.
TRUSTED_PROXIES = environment.number("TRUSTED_PROXIES", 0)
ALLOWED_HOSTS = [BASE_HOST, f".{BASE_HOST}"]
RESERVED_SLUGS = frozenset(
    {"admin", "api", "app", "static", "media", "mail", "status", "help", "docs", "www"}
)

# --- tiers and apps. Placement is per app and no app is in both lists (tested).
TIERS = deployed()
PUBLIC_APPS = (
    "marketing_platform.tenants",
    "marketing_platform.users",
    "marketing_platform.api",
    "marketing_platform.messaging",
    "marketing_platform.schedule",
    "marketing_platform.inbox",
    "marketing_platform.effects.control",
    "marketing_platform.legal",
    "marketing_platform.support",
    "marketing_platform.people",
    "billing",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.admin",
    "allauth",
    "allauth.account",
    *(app for tier in TIERS for app in REGISTRY[tier].apps_public),
)
# Apps without tables: in neither schema, so that the lists stay about data.
TABLELESS_APPS = (
    "unfold",
    "unfold.contrib.filters",
    "django_tenants",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "heroicons",
    "rest_framework",
    "drf_spectacular",
    "csp",
)
# Ours without tables; last, so that their admin finds what they take out or replace.
PAGE_APPS = (
    "marketing_platform.onboarding",
    "marketing_platform.dashboard",
    "marketing_platform.operations",
)
WORKSPACE_APPS = (
    "marketing_platform.audit",
    "marketing_platform.media",
    "marketing_platform.notifications",
    "marketing_platform.jobs",
    "marketing_platform.connections",
    "marketing_platform.effects",
)
INSTALLED_APPS = [
    *TABLELESS_APPS,
    *PUBLIC_APPS,
    *WORKSPACE_APPS,
    *(app for tier in TIERS for app in REGISTRY[tier].apps_tenant),
    *PAGE_APPS,
]
TENANT_MODEL = "tenants.Tenant"
TENANT_DOMAIN_MODEL = "tenants.Domain"
HAS_MULTI_TYPE_TENANTS = True
MULTI_TYPE_DATABASE_FIELD = "tier"
TENANT_TYPES = {
    "public": {
        "APPS": [*TABLELESS_APPS, *PUBLIC_APPS, *PAGE_APPS],
        "URLCONF": "marketing_platform.urls.public",
    },
    **{
        tier: {
            "APPS": [*WORKSPACE_APPS, *REGISTRY[tier].apps_tenant],
            "URLCONF": f"marketing_platform.urls.workspace_{tier}",
        }
        for tier in TIERS
    },
}
ENTITLEMENTS = "billing.selectors.entitlements_of"
# Where a task's refused message is kept.
DEAD_LETTERS = "marketing_platform.schedule.dead_letters.dead_letter_store"

MIDDLEWARE = [
    "marketing_platform.operations.request_id.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Above whatever may answer early, so that refusals too have a policy and a language.
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "marketing_platform.api.readable.ReadableRequestMiddleware",
    # Asks which host it was: directly above the one that finds out.
    "marketing_platform.operations.staff_policy.StaffPolicyMiddleware",
    "marketing_platform.api.host_middleware.HostMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "marketing_platform.users.middleware.SessionBindingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "marketing_platform.support.middleware.ErrorReportMiddleware",
    "marketing_platform.users.middleware.AccessMiddleware",
    "marketing_platform.operations.staff_factor.StaffFactorMiddleware",
    # Nearest to the views.
    "marketing_platform.api.error_pages.PlatformErrorMiddleware",
]
ROOT_URLCONF = "marketing_platform.urls.public"
ADMIN_URLCONF = "marketing_platform.urls.admin"
WSGI_APPLICATION = "marketing_platform.wsgi.application"
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
                "django.template.context_processors.i18n",
                "marketing_platform.dashboard.context.shell",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"


# --- data
def postgresql(url: str) -> dict[str, object]:
    """A DATABASES entry from postgresql://user:password@host:port/name?host=socket-folder."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must start with postgresql://")
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "marketing_platform.tenants.backend",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or query.get("port", "")),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 12, "timeout": 10, "max_lifetime": 600}},
    }


DATABASES = {
    "default": postgresql(
        environment.text("DATABASE_URL", "postgresql://platform@127.0.0.1:54321/platform")
    )
}
TENANT_SYNC_ROUTER = "marketing_platform.tenants.router.TenantRouter"
DATABASE_ROUTERS = [TENANT_SYNC_ROUTER]
# PostgreSQL keeps about 1 MB per workspace that a connection served; then it is replaced.
SCHEMAS_PER_CONNECTION = environment.number("SCHEMAS_PER_CONNECTION", 40)
# Empty schemas made ahead for each tier's next workspaces.
WORKSPACE_POOL = dict.fromkeys(TIERS, environment.number("WORKSPACE_POOL", 3))
SHOW_PUBLIC_IF_NO_TENANT_FOUND = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = environment.text("REDIS_URL", "redis://127.0.0.1:63791/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "marketing_platform.tenants.cache.make_key",
        "TIMEOUT": 300,
        "OPTIONS": {"socket_timeout": 3, "socket_connect_timeout": 3},
    }
}
MEDIA_ROOT = Path(environment.text("MEDIA_ROOT", str(VAR_DIR / "media")))
# Exports and backups of single workspaces, one folder each.
BACKUP_DIR = Path(environment.text("BACKUP_DIR", str(VAR_DIR / "backups")))
# What owners take along, for some days; web and workers share it.
EXPORT_DIR = Path(environment.text("EXPORT_DIR", str(VAR_DIR / "exports")))
STORAGES = {
    "default": {"BACKEND": "marketing_platform.tenants.storage.TenantStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_MEMORY_SIZE = 12_000_000
# The largest form: a campaign of 20 channels over 52 weeks, a field for each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_500

# --- work in the background
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    # Else a worker that is killed while it looks holds up every redelivery for five minutes.
    "unacked_mutex_expire": 15,
    "socket_timeout": 3,
    "socket_connect_timeout": 3,
    "health_check_interval": 30,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "dispatch-due-work": {"task": "schedule.dispatch", "schedule": 5.0, "options": {"expires": 5}},
}

# --- language and formats
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("hi", _("Hindi")), ("mr", _("Marathi"))]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LOCALE_PATHS = [BASE_DIR / "marketing_platform" / "locale"]
FORMAT_MODULE_PATH = ["marketing_platform.locale.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Kolkata"
USE_THOUSAND_SEPARATOR = True

# --- API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["marketing_platform.api.authentication.KeyOrSession"],
    "DEFAULT_PERMISSION_CLASSES": ["marketing_platform.api.access.Denied"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["marketing_platform.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "marketing_platform.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
API_REQUESTS_PER_MINUTE = environment.number("API_REQUESTS_PER_MINUTE", 120)
SPECTACULAR_SETTINGS = {
    "TITLE": f"{PRODUCT_NAME} API",
    "DESCRIPTION": "Send a key as `Authorization: Bearer live_…` (or `test_…`). Keys belong to one "
    "workspace; on the public host the key also chooses the workspace.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/",
    "COMPONENT_SPLIT_REQUEST": True,
    "AUTHENTICATION_WHITELIST": [],
    "APPEND_COMPONENTS": {
        "securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer"}},
    },
    "SECURITY": [{"apiKey": []}],
}

# --- browser security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # Browsers apply it to the redirects that follow: connecting an account leads there.
        "form-action": [
            SELF,
            "https://www.facebook.com",
            "https://accounts.google.com",
            *environment.words("CSP_FORM_ACTION"),
        ],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- providers
MESSENGER = environment.text("MESSENGER", "marketing_platform.messaging.senders.ConsoleSender")
SANDBOX_GATEWAY_URL = environment.text("SANDBOX_GATEWAY_URL", "http://127.0.0.1:8890")
SANDBOX_GATEWAY_SECRET = environment.text("SANDBOX_GATEWAY_SECRET", "")
RAZORPAY_KEY_ID = environment.text("RAZORPAY_KEY_ID", "")
RAZORPAY_KEY_SECRET = environment.text("RAZORPAY_KEY_SECRET", "")
# One, or two with a comma between while it is being changed: new, old.
RAZORPAY_WEBHOOK_SECRET = environment.text("RAZORPAY_WEBHOOK_SECRET", "")
RAZORPAY_URL = environment.text("RAZORPAY_URL", "https://api.razorpay.com")
STRIPE_SECRET_KEY = environment.text("STRIPE_SECRET_KEY", "")
# One, or two with a comma between while it is being changed: new, old.
STRIPE_WEBHOOK_SECRET = environment.text("STRIPE_WEBHOOK_SECRET", "")
STRIPE_URL = environment.text("STRIPE_URL", "https://api.stripe.com")
BILLING_GATEWAYS = environment.words("BILLING_GATEWAYS", "sandbox")
WRITING_LANGUAGE_MODEL_URL = environment.text("WRITING_LANGUAGE_MODEL_URL", "")
WRITING_LANGUAGE_MODEL_KEY = environment.text("WRITING_LANGUAGE_MODEL_KEY", "")
WRITING_LANGUAGE_MODEL_NAME = environment.text("WRITING_LANGUAGE_MODEL_NAME", "")
# Accounts that workspaces connect: sandbox (the twins below) or live.
CONNECTIONS_MODE = environment.choice("CONNECTIONS_MODE", ("live", "sandbox"), "live")
META_TWIN_URL = environment.text("META_TWIN_URL", "http://127.0.0.1:8891")
PROVIDER_URLS = {
    "meta": META_TWIN_URL,
    "whatsapp": META_TWIN_URL,
    "google_business": environment.text("GOOGLE_TWIN_URL", "http://127.0.0.1:8892"),
    "salesforce": environment.text("SALESFORCE_TWIN_URL", "http://127.0.0.1:8893"),
    "hubspot": environment.text("HUBSPOT_TWIN_URL", "http://127.0.0.1:8894"),
    "marketo": environment.text("MARKETO_TWIN_URL", "http://127.0.0.1:8895"),
}
# Our applications at the providers; without an id, signing in there is not offered.
META_APP_ID = environment.text("META_APP_ID", "")
META_APP_SECRET = environment.text("META_APP_SECRET", "")
META_WEBHOOK_WORD = environment.text("META_WEBHOOK_WORD", "")
GOOGLE_CLIENT_ID = environment.text("GOOGLE_CLIENT_ID", "")
GOOGLE_CLIENT_SECRET = environment.text("GOOGLE_CLIENT_SECRET", "")
PROVIDER_APPLICATIONS = {
    "meta": {"id": META_APP_ID, "secret": META_APP_SECRET},
    "whatsapp": {"id": META_APP_ID, "secret": META_APP_SECRET},
    "google_business": {"id": GOOGLE_CLIENT_ID, "secret": GOOGLE_CLIENT_SECRET},
}
# Keys that seal connected accounts' secrets: id:base64,id:base64, newest first.
CREDENTIALS_KEYS = environment.words("CREDENTIALS_KEYS")
# Calls a minute to Meta: of this installation, and of one workspace.
META_CALLS_PER_MINUTE = environment.number("META_CALLS_PER_MINUTE", 1_200)
META_CALLS_PER_WORKSPACE = environment.number("META_CALLS_PER_WORKSPACE", 240)
SHOW_DEVELOPMENT_INBOX = False

UNFOLD = staff_look(PRODUCT_NAME, PUBLIC_URL)
