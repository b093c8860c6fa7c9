"""The dock of a Local workspace and its own pages under More."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from local.automation.social_media.selectors import is_coaching
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tiers.contracts import NavItem, SettingsLink

_LINKS = (
    SettingsLink(
        title=gettext_noop("Insights"),
        text=gettext_noop("What your bills, customers and reviews show"),
        url_name="local-insights",
        icon="light-bulb",
        permission="read",
    ),
    SettingsLink(
        title=gettext_noop("Google profile"),
        text=gettext_noop("Reviews, opening hours, posts"),
        url_name="local-google",
        icon="map-pin",
    ),
    SettingsLink(
        title=gettext_noop("Guides"),
        text=gettext_noop("Tasks by hand, step by step"),
        url_name="local-guides",
        icon="book-open",
        permission="read",
    ),
    SettingsLink(
        title=gettext_noop("Your business"),
        text=gettext_noop("Name, kind of business, city, languages, phone"),
        url_name="local-business",
        icon="building-storefront",
    ),
    SettingsLink(
        title=gettext_noop("Your look on posters"),
        text=gettext_noop("Colours, a line of your own, a photo"),
        url_name="local-brand",
        icon="swatch",
    ),
    SettingsLink(
        title=gettext_noop("Offers"),
        text=gettext_noop("What posts may promise, in your words"),
        url_name="local-offers",
        icon="tag",
    ),
    SettingsLink(
        title=gettext_noop("Festivals and dates"),
        text=gettext_noop("Move, leave out or add a day"),
        url_name="local-occasions",
        icon="calendar-days",
    ),
    SettingsLink(
        title=gettext_noop("First steps"),
        text=gettext_noop("Your shop, your look, one channel, the first post"),
        url_name="local-first",
        icon="flag",
    ),
    SettingsLink(
        title=gettext_noop("Connected accounts"),
        text=gettext_noop("Facebook, Instagram, WhatsApp, Google"),
        url_name="connections",
        icon="link",
        permission="connections",
    ),
)
_SENT = SettingsLink(
    title=gettext_noop("What we sent"),
    text=gettext_noop("Posts, messages and replies that went out, and the emergency stop"),
    url_name="effects",
    icon="paper-airplane",
    permission="read",
)
_RESULTS = SettingsLink(
    title=gettext_noop("Results and seats"),
    text=gettext_noop("Students who agreed to be named, and open seats"),
    url_name="local-results",
    icon="academic-cap",
)


def navigation() -> list[NavItem]:
    """Entries whose page is not deployed are left out by the dashboard."""
    return [
        NavItem(label=_("Today"), url_name="home", icon="sun"),
        NavItem(label=_("Posts"), url_name="posts", icon="photo"),
        NavItem(label=_("Chat"), url_name="chat", icon="chat-bubble-left-right"),
        NavItem(label=_("Customers"), url_name="local-customers", icon="users"),
        NavItem(label=_("More"), url_name="settings", icon="ellipsis-horizontal-circle"),
    ]


def settings_links() -> list[SettingsLink]:
    """The pages of the acting workspace; results only where a coaching class is."""
    tenant = current_tenant()
    return [*_LINKS, _SENT, *([_RESULTS] if tenant and is_coaching(tenant) else [])]
