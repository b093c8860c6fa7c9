"""The one place that composes what the platform's processes are told. Plain Python."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from marketing_platform.operations.embedded import own_secret

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Twin:
    """A stand-in for an outside provider, started beside the demo when its file exists."""

    name: str
    file: str
    url_variable: str
    preferred_port: int


TWINS = (
    Twin("sandbox gateway", "tests/twins/sandbox_gateway.py", "SANDBOX_GATEWAY_URL", 8890),
    Twin("stripe twin", "tests/twins/stripe_gateway.py", "STRIPE_URL", 8897),
    Twin("razorpay twin", "tests/twins/razorpay.py", "RAZORPAY_URL", 8898),
    Twin("meta twin", "tests/twins/meta.py", "META_TWIN_URL", 8891),
    Twin("google twin", "tests/twins/google.py", "GOOGLE_TWIN_URL", 8892),
    Twin("salesforce twin", "tests/twins/salesforce.py", "SALESFORCE_TWIN_URL", 8893),
    Twin("hubspot twin", "tests/twins/hubspot.py", "HUBSPOT_TWIN_URL", 8894),
    Twin("marketo twin", "tests/twins/marketo.py", "MARKETO_TWIN_URL", 8895),
)


@dataclass(frozen=True)
class Addresses:
    """Where everything of one run listens."""

    port: int
    database_url: str
    redis_url: str
    twin_urls: Mapping[str, str]

    @property
    def base_domain(self) -> str:
        return f"localhost:{self.port}"

    @property
    def public_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def var_folder() -> Path:
    """Where this installation keeps what it makes: PLATFORM_VAR, else var/ of the project."""
    return Path(os.environ.get("PLATFORM_VAR") or ROOT / "var").resolve()


def server_environment() -> dict[str, str]:
    """For the embedded servers: nothing of ours, and one language for their messages."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {"PATH": "/usr/bin:/bin", **kept, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def platform_environment(var: Path, addresses: Addresses) -> dict[str, str]:
    """For web, workers, beat, twins and commands: ours, with this run's addresses."""
    secrets = {
        "SECRET_KEY": own_secret(var, "django"),
        "SANDBOX_GATEWAY_SECRET": own_secret(var, "sandbox gateway"),
        "RAZORPAY_KEY_SECRET": own_secret(var, "razorpay twin key"),
        "RAZORPAY_WEBHOOK_SECRET": own_secret(var, "razorpay twin"),
        "STRIPE_SECRET_KEY": own_secret(var, "stripe twin key"),
        "STRIPE_WEBHOOK_SECRET": own_secret(var, "stripe twin"),
        "META_APP_SECRET": own_secret(var, "meta twin"),
        "META_WEBHOOK_WORD": own_secret(var, "meta twin word"),
        "GOOGLE_CLIENT_SECRET": own_secret(var, "google twin"),
    }
    composed = {
        "PLATFORM_VAR": str(var),
        "BASE_DOMAIN": addresses.base_domain,
        "DATABASE_URL": addresses.database_url,
        "REDIS_URL": addresses.redis_url,
        # Read by the sandbox gateway's process only.
        "SANDBOX_WEBHOOK_URL": f"{addresses.public_url}/webhooks/billing/sandbox/",
        # Read by Razorpay's twin only.
        "RAZORPAY_WEBHOOK_URL": f"{addresses.public_url}/webhooks/billing/razorpay/",
        # Read by Stripe's twin only.
        "STRIPE_WEBHOOK_URL": f"{addresses.public_url}/webhooks/billing/stripe/",
        # Read by Meta's twin only.
        "META_WEBHOOK_URL": f"{addresses.public_url}/webhooks/whatsapp/",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        **addresses.twin_urls,
    }
    defaults = {"DJANGO_SETTINGS_MODULE": "marketing_platform.settings.development", **secrets}
    return {**defaults, **os.environ, **composed}
