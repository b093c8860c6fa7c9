"""Development and the demo: loopback only, an inbox page for codes and mails, no real provider."""

import base64
import hashlib
import os

os.environ.setdefault("BILLING_GATEWAYS", "sandbox,razorpay,stripe")
os.environ.setdefault("SANDBOX_GATEWAY_SECRET", "sandbox-secret-for-development")
os.environ.setdefault("RAZORPAY_KEY_ID", "rzp_test_for_development")
os.environ.setdefault("RAZORPAY_KEY_SECRET", "sandbox-secret-for-development")
os.environ.setdefault("RAZORPAY_WEBHOOK_SECRET", "sandbox-secret-for-development")
os.environ.setdefault("RAZORPAY_URL", "http://127.0.0.1:8898")
os.environ.setdefault("STRIPE_SECRET_KEY", "sk_test_for_development")
os.environ.setdefault("STRIPE_WEBHOOK_SECRET", "sandbox-secret-for-development")
os.environ.setdefault("STRIPE_URL", "http://127.0.0.1:8897")
os.environ.setdefault("CONNECTIONS_MODE", "sandbox")
os.environ.setdefault("META_APP_ID", "sandbox-application")
os.environ.setdefault("META_APP_SECRET", "sandbox-secret-for-development")
os.environ.setdefault("META_WEBHOOK_WORD", "sandbox-word-for-development")
os.environ.setdefault("GOOGLE_CLIENT_ID", "sandbox-application")
os.environ.setdefault("GOOGLE_CLIENT_SECRET", "sandbox-secret-for-development")
# Invented people: nobody has these numbers and addresses.
os.environ.setdefault("SUPPORT_EMAIL", "help@nukkad.example")
os.environ.setdefault("SUPPORT_WHATSAPP", "+919999900000")
os.environ.setdefault("GRIEVANCE_OFFICER_NAME", "Leela Naik")
os.environ.setdefault("GRIEVANCE_OFFICER_EMAIL", "complaints@nukkad.example")
os.environ.setdefault("GRIEVANCE_OFFICER_PHONE", "+919999900000")

from marketing_platform.operations.log import logging_config
from marketing_platform.settings import environment
from marketing_platform.settings.base import *  # noqa: F403
from marketing_platform.settings.base import ALLOWED_HOSTS, CONTENT_SECURITY_POLICY

DEBUG = environment.flag("DEBUG", False)
SECRET_KEY = environment.text("SECRET_KEY", "development-only-secret-key-not-for-production-use")
# Good enough beside a development secret; production names its own.
CREDENTIALS_KEYS = environment.words("CREDENTIALS_KEYS") or (
    "development:"
    + base64.b64encode(hashlib.sha256(b"credentials:" + SECRET_KEY.encode()).digest()).decode(),
)
PUBLIC_HOST_ALIASES = ("127.0.0.1", "[::1]")
ALLOWED_HOSTS = [*ALLOWED_HOSTS, *PUBLIC_HOST_ALIASES]
SHOW_DEVELOPMENT_INBOX = True
DEMO_CODE = "246810"
# Hosts of one port differ only by name here, and the sandbox pay page has its own port.
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += [
    "http://*.localhost:*",
    "http://127.0.0.1:*",
    "http://localhost:*",
]
STORAGES = {
    "default": {"BACKEND": "marketing_platform.tenants.storage.TenantStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = environment.flag("WHITENOISE_AUTOREFRESH", False)
LOGGING_CONFIG = None
LOGGING = logging_config(json=False)
