"""The side column of an Enterprise workspace."""

from django.utils.translation import gettext_lazy as _

from marketing_platform.tiers.contracts import NavItem, SettingsLink


def navigation() -> list[NavItem]:
    return [
        NavItem(label=_("Overview"), url_name="home", icon="home"),
        NavItem(label=_("Insights"), url_name="enterprise-insights", icon="light-bulb"),
        NavItem(label=_("Budget"), url_name="enterprise-budget", icon="banknotes"),
        NavItem(label=_("Campaigns"), url_name="enterprise-campaigns", icon="megaphone"),
        NavItem(label=_("Brief"), url_name="enterprise-brief", icon="document-text"),
        NavItem(label=_("Data"), url_name="enterprise-data", icon="circle-stack"),
        NavItem(label=_("Settings"), url_name="settings", icon="cog-6-tooth"),
    ]


def settings_links() -> tuple[SettingsLink, ...]:
    """The tier's own pages in the settings."""
    return (
        SettingsLink(
            title=_("Company"),
            text=_("Name, industry, city, GSTIN"),
            url_name="enterprise-profile",
            icon="building-office",
            permission="read",
        ),
        SettingsLink(
            title=_("First steps"),
            text=_("Your company, your data, your question, the first finding"),
            url_name="enterprise-first",
            icon="flag",
        ),
        SettingsLink(
            title=_("Connected accounts"),
            text=_("Salesforce, HubSpot, Marketo"),
            url_name="connections",
            icon="link",
            permission="connections",
        ),
        SettingsLink(
            title=_("What we sent"),
            text=_("What left the platform in your name, and the emergency stop"),
            url_name="effects",
            icon="paper-airplane",
            permission="read",
        ),
    )
