"""How the staff admin looks: django-unfold's settings."""

from typing import Any

from django.templatetags.static import static

# The product's own blue (static/css/app.css), from the lightest step to the darkest.
PRIMARY = {
    "50": "oklch(97% .01 272)",
    "100": "oklch(94% .025 272)",
    "200": "oklch(88% .05 272)",
    "300": "oklch(80% .09 272)",
    "400": "oklch(70% .12 272)",
    "500": "oklch(58% .14 272)",
    "600": "oklch(41% .14 272)",
    "700": "oklch(37% .13 272)",
    "800": "oklch(33% .11 272)",
    "900": "oklch(29% .09 272)",
    "950": "oklch(22% .06 272)",
}


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
        "COLORS": {"primary": PRIMARY},
        "SHOW_HISTORY": True,
        "SHOW_VIEW_ON_SITE": False,
        "DASHBOARD_CALLBACK": "marketing_platform.operations.staff_home.context",
        "SIDEBAR": {
            "show_search": True,
            "navigation": "marketing_platform.operations.staff_menu.navigation",
        },
    }
