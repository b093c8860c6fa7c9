"""Production: managed PostgreSQL and Redis, HTTPS, no sandbox, secrets from the environment."""

from django.core.exceptions import ImproperlyConfigured

from marketing_platform.operations.log import logging_config
from marketing_platform.settings import environment
from marketing_platform.settings.base import *  # noqa: F403
from marketing_platform.settings.base import (
    BASE_DOMAIN,
    BILLING_GATEWAYS,
    CONNECTIONS_MODE,
    CONTENT_SECURITY_POLICY,
    MESSENGER,
    META_APP_ID,
    META_APP_SECRET,
    RAZORPAY_KEY_ID,
    RAZORPAY_KEY_SECRET,
    RAZORPAY_WEBHOOK_SECRET,
    STRIPE_SECRET_KEY,
    STRIPE_WEBHOOK_SECRET,
)

DEBUG = False
SECRET_KEY = environment.text("SECRET_KEY")
environment.text("DATABASE_URL")
environment.text("REDIS_URL")
environment.text("BASE_DOMAIN")
PUBLIC_SCHEME = "https"
CREDENTIALS_KEYS = environment.sealing_keys("CREDENTIALS_KEYS")
if CONNECTIONS_MODE != "live":
    raise ImproperlyConfigured("CONNECTIONS_MODE=sandbox talks to nobody: set it to live.")
STAFF_SECOND_FACTOR = environment.flag("STAFF_SECOND_FACTOR", True)
SENDS_IN_BACKGROUND = environment.flag("SENDS_IN_BACKGROUND", True)
if META_APP_ID and not META_APP_SECRET:
    # An empty secret would take any webhook for Meta's.
    raise ImproperlyConfigured("Set META_APP_SECRET beside META_APP_ID.")
if "sandbox" in BILLING_GATEWAYS:
    raise ImproperlyConfigured(
        "The sandbox gateway grants access without money: remove it from BILLING_GATEWAYS."
    )
if "stripe" in BILLING_GATEWAYS and not (
    STRIPE_SECRET_KEY.strip() and STRIPE_WEBHOOK_SECRET.replace(",", "").strip()
):
    # An empty secret would take any webhook for Stripe's.
    raise ImproperlyConfigured("Set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET, or remove stripe.")
if "razorpay" in BILLING_GATEWAYS and not (
    RAZORPAY_KEY_ID.strip()
    and RAZORPAY_KEY_SECRET.strip()
    and RAZORPAY_WEBHOOK_SECRET.replace(",", "").strip()
):
    # An empty secret would take any webhook for Razorpay's.
    raise ImproperlyConfigured(
        "Set RAZORPAY_KEY_ID, RAZORPAY_KEY_SECRET and RAZORPAY_WEBHOOK_SECRET, or remove razorpay."
    )
if MESSENGER.endswith(".ConsoleSender"):
    raise ImproperlyConfigured("Set MESSENGER to a real sender: codes would go nowhere.")
# Browsers apply form-action to the redirects that follow: sign-in and payment cross our hosts.
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += [
    f"https://{BASE_DOMAIN}",
    f"https://*.{BASE_DOMAIN}",
]
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sid"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
LOGGING_CONFIG = None
LOGGING = logging_config(json=True)
