"""Every provider we can connect to: where it is, how one signs in, how a token lives on.

`bases` are the addresses of its APIs by name; "main" is what most calls use. In the sandbox each
becomes its path below the twin's address (settings.PROVIDER_URLS).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.conf import settings

from marketing_platform.core.text import mark as _

GRAPH = "v26.0"
NUMBER = re.compile(r"[0-9]{5,30}")
SECRET = re.compile(r"[\x21-\x7e]{8,4000}")
SALESFORCE_HOST = re.compile(r"https://[a-z0-9-]+(?:\.[a-z0-9-]+)*\.salesforce\.com")
MARKETO_HOST = re.compile(r"https://[a-z0-9-]+\.mktorest\.com")


@dataclass(frozen=True)
class Base:
    """`live`: an address, or "{name}" for one that the connection's details name."""

    live: str
    twin: str


@dataclass(frozen=True)
class TokenField:
    """One field of the form for a pasted token; secret ones are sealed and never shown again."""

    name: str
    label: str
    hint: str
    shape: re.Pattern[str]
    is_secret: bool = False
    is_required: bool = True
    sandbox: str = ""


@dataclass(frozen=True)
class Provider:
    """`kind`: "oauth" (sign in there) or "token" (paste). `refresh`: how a token is renewed —
    "" (it lives until it is taken back), "refresh_token" or "client_credentials".
    `channels`: what the provider is called on the page.
    """

    code: str
    label: str
    about: str
    kind: str
    tiers: frozenset[str]
    bases: Mapping[str, Base]
    family: str = ""
    authorize_url: str = ""
    token_url: str = ""
    scopes: tuple[str, ...] = ()
    authorize_params: Mapping[str, str] = field(default_factory=dict)
    token_fields: tuple[TokenField, ...] = ()
    token_help: str = ""
    token_help_url: str = ""
    refresh: str = ""
    refresh_early_seconds: int = 300
    is_claimed: bool = False

    @property
    def limits_shared_as(self) -> str:
        """Providers of one family count their calls together."""
        return self.family or self.code


LOCAL, ENTERPRISE = frozenset({"local"}), frozenset({"enterprise"})
_TOKEN_HINT = _("Paste it whole, without spaces.")


def _secret(name: str, label: str, *, is_required: bool = True, sandbox: str = "") -> TokenField:
    return TokenField(name, label, _TOKEN_HINT, SECRET, True, is_required, sandbox)


_META = {
    "main": Base(f"https://graph.facebook.com/{GRAPH}", f"/{GRAPH}"),
    "dialog": Base(f"https://www.facebook.com/{GRAPH}", f"/{GRAPH}"),
}
_ROWS = (
    Provider(
        code="meta",
        label="Facebook",
        about=_("Posts on your Facebook Page and your Instagram"),
        kind="oauth",
        tiers=LOCAL,
        family="meta",
        bases=_META,
        authorize_url="dialog:/dialog/oauth",
        token_url="main:/oauth/access_token",  # noqa: S106
        scopes=(
            "pages_show_list",
            "pages_manage_posts",
            "pages_read_engagement",
            "instagram_basic",
            "instagram_content_publish",
        ),
        token_fields=(
            TokenField(
                "page_id", _("Page number"), _("Digits only."), NUMBER, sandbox="100200300400"
            ),
            _secret("access_token", _("Page token"), sandbox="page-token-100200300400"),
        ),
        token_help=_("In Meta Business Suite: Settings, Users, System users, then “Generate”."),
        token_help_url="https://business.facebook.com/settings/system-users",  # noqa: S106
        is_claimed=True,
    ),
    Provider(
        code="whatsapp",
        label="WhatsApp",
        about=_("Messages to customers who agreed, and their answers"),
        kind="token",
        tiers=LOCAL,
        family="meta",
        bases=_META,
        token_fields=(
            TokenField(
                "phone_number_id",
                _("Phone number ID"),
                _("Digits only; it is not the phone number."),
                NUMBER,
                sandbox="500600700800",
            ),
            TokenField(
                "waba_id",
                _("WhatsApp business account ID"),
                _("Digits only."),
                NUMBER,
                sandbox="900800700600",
            ),
            _secret("access_token", _("Permanent token"), sandbox="whatsapp-token-500600700800"),
        ),
        token_help=_("At developers.facebook.com: your app, WhatsApp, “API setup”."),
        token_help_url="https://developers.facebook.com/apps/",  # noqa: S106
        is_claimed=True,
    ),
    Provider(
        code="google_business",
        label="Google",
        about=_("Your Google profile: posts, reviews and opening hours"),
        kind="oauth",
        tiers=LOCAL,
        bases={
            "main": Base("https://mybusiness.googleapis.com/v4", "/v4"),
            "accounts": Base(
                "https://mybusinessaccountmanagement.googleapis.com/v1", "/accountmanagement/v1"
            ),
            "information": Base(
                "https://mybusinessbusinessinformation.googleapis.com/v1",
                "/businessinformation/v1",
            ),
            "performance": Base(
                "https://businessprofileperformance.googleapis.com/v1", "/performance/v1"
            ),
            "dialog": Base("https://accounts.google.com/o/oauth2/v2", "/o/oauth2/v2"),
            "token": Base("https://oauth2.googleapis.com", ""),
        },
        authorize_url="dialog:/auth",
        token_url="token:/token",  # noqa: S106
        scopes=("https://www.googleapis.com/auth/business.manage",),
        # Without both, Google gives a refresh token the first time only.
        authorize_params={"access_type": "offline", "prompt": "consent"},
        refresh="refresh_token",
        is_claimed=True,
    ),
    Provider(
        code="salesforce",
        label="Salesforce",
        about=_("Contacts and opportunities"),
        kind="token",
        tiers=ENTERPRISE,
        bases={
            "main": Base("{instance_url}", "/salesforce"),
            "token": Base("{instance_url}", "/salesforce"),
        },
        token_url="token:/services/oauth2/token",  # noqa: S106
        token_fields=(
            TokenField(
                "instance_url",
                _("Address"),
                _("Such as https://yourcompany.my.salesforce.com"),
                SALESFORCE_HOST,
                sandbox="https://veda.my.salesforce.com",
            ),
            _secret("client_id", _("Consumer key"), sandbox="sandbox-client"),
            _secret("client_secret", _("Consumer secret"), sandbox="sandbox-secret"),
            _secret("refresh_token", _("Refresh token"), sandbox="salesforce-refresh-1"),
        ),
        token_help=_("In Salesforce: Setup, App Manager, your connected app."),
        token_help_url="https://login.salesforce.com/",  # noqa: S106
        refresh="refresh_token",
    ),
    Provider(
        code="hubspot",
        label="HubSpot",
        about=_("Contacts and deals"),
        kind="token",
        tiers=ENTERPRISE,
        bases={
            "main": Base("https://api.hubapi.com", "/hubspot"),
            "token": Base("https://api.hubapi.com", "/hubspot"),
        },
        token_url="token:/oauth/v1/token",  # noqa: S106
        token_fields=(
            _secret("access_token", _("Private app token"), sandbox="hubspot-token-1"),
            _secret("refresh_token", _("Refresh token"), is_required=False),
            _secret("client_id", _("Client ID"), is_required=False),
            _secret("client_secret", _("Client secret"), is_required=False),
        ),
        token_help=_("In HubSpot: Settings, Integrations, Private apps. A token is enough."),
        token_help_url="https://app.hubspot.com/private-apps/",  # noqa: S106
        refresh="refresh_token",
    ),
    Provider(
        code="marketo",
        label="Marketo",
        about=_("Leads and what they did"),
        kind="token",
        tiers=ENTERPRISE,
        bases={
            "main": Base("{instance_url}", "/marketo"),
            "token": Base("{instance_url}", "/marketo"),
        },
        token_url="token:/identity/oauth/token",  # noqa: S106
        token_fields=(
            TokenField(
                "instance_url",
                _("Address"),
                _("Such as https://123-abc-456.mktorest.com"),
                MARKETO_HOST,
                sandbox="https://123-abc-456.mktorest.com",
            ),
            _secret("client_id", _("Client ID"), sandbox="sandbox-client"),
            _secret("client_secret", _("Client secret"), sandbox="sandbox-secret"),
        ),
        token_help=_("In Marketo: Admin, LaunchPoint, View details of your service."),
        token_help_url="https://app.marketo.com/",  # noqa: S106
        refresh="client_credentials",
    ),
)
PROVIDERS: Mapping[str, Provider] = MappingProxyType({row.code: row for row in _ROWS})


def providers_of(tier: str) -> tuple[Provider, ...]:
    return tuple(row for row in _ROWS if tier in row.tiers)


def base_url(provider: Provider, name: str, details: Mapping[str, str]) -> str:
    """The address of one of its APIs, without a slash at the end."""
    base = provider.bases[name]
    if settings.CONNECTIONS_MODE == "sandbox":
        return settings.PROVIDER_URLS[provider.code].rstrip("/") + base.twin
    return base.live.format(**details).rstrip("/")


def address(provider: Provider, where: str, details: Mapping[str, str]) -> str:
    """Of "name:/path"."""
    name, _colon, path = where.partition(":")
    return base_url(provider, name, details) + path


def application_of(provider: Provider) -> dict[str, str]:
    """Our own id and secret at the provider; empty texts where none is set up."""
    return settings.PROVIDER_APPLICATIONS.get(provider.code, {"id": "", "secret": ""})
