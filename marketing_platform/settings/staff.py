"""How the staff admin looks: django-unfold's settings."""

from typing import Any

from django.templatetags.static import static


def staff_look(product: str, url: str) -> dict[str, Any]:
    """`product` is its name, `url` the public address."""
    icon = {"rel": "icon", "type": "image/svg+xml"}
    return {
        "SITE_TITLE": f"{product} staff",
        "SITE_HEADER": f"{product} staff",
        "SITE_URL": url,
        "SITE_ICON": lambda request: static("img/logo.svg"),
        "SITE_FAVICONS": [
            {**icon, "href": lambda request: static("img/favicon.svg")},
        ],
        "SHOW_HISTORY": True,
        "SHOW_VIEW_ON_SITE": False,
        "DASHBOARD_CALLBACK": "marketing_platform.operations.staff_home.context",
        "SIDEBAR": {
            "show_search": True,
            "navigation": "marketing_platform.operations.staff_menu.navigation",
        },
    }
