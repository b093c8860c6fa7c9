"""What the settings page lists: the tier's own pages, then those of every workspace."""

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, gettext_noop

from marketing_platform.tiers.contracts import SettingsLink, resolve
from marketing_platform.tiers.registry import REGISTRY
from marketing_platform.users.permissions import Permission, allowed

COMMON = (
    SettingsLink(
        title=gettext_noop("Team"),
        text=gettext_noop("Who works here and what they may do"),
        url_name="team",
        icon="user-group",
        permission="read",
    ),
    SettingsLink(
        title=gettext_noop("Billing"),
        text=gettext_noop("Plan, payments and what comes next"),
        url_name="billing",
        icon="credit-card",
        permission="billing",
    ),
    SettingsLink(
        title=gettext_noop("API keys"),
        text=gettext_noop("For your own programs"),
        url_name="api_keys",
        icon="key",
        permission="connections",
    ),
    SettingsLink(
        title=gettext_noop("Take everything along"),
        text=gettext_noop("All your records and pictures in one file"),
        url_name="take_along",
        icon="archive-box-arrow-down",
        permission="close",
    ),
)


def settings_sections(tier: str, role: str) -> list[dict[str, Any]]:
    """Groups of links that this role may open."""
    own = resolve(REGISTRY[tier].settings_links)()
    groups = [(gettext("Your business"), own), (gettext("This workspace"), COMMON)]
    sections = [{"title": title, "links": _links(links, role)} for title, links in groups]
    return [section for section in sections if section["links"]]


def _links(links: Any, role: str) -> list[dict[str, str]]:
    rows = []
    for link in links:
        if not allowed(role, Permission(link.permission)):
            continue
        try:
            url = reverse(link.url_name)
        except NoReverseMatch:
            continue
        rows.append(
            {
                "url": url,
                "icon": link.icon,
                "title": gettext(link.title),
                "text": gettext(link.text),
            }
        )
    return rows
