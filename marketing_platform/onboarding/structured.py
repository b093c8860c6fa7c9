"""What search engines read of the public pages beside their words (schema.org, JSON-LD).

A block of data, not a script: nothing of it runs, and the content security policy stays as it is.
"""

import json
from typing import Any

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

# A `<` in a name must not end the block.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def site_data(plans: list[dict[str, Any]]) -> SafeString:
    """The company, the site, and each plan with its prices by month and by year, before GST."""
    home = f"{settings.PUBLIC_URL}/{get_language() or 'en'}/"
    company = {"@type": "Organization", "@id": f"{settings.PUBLIC_URL}/#company"}
    return _block(
        {
            "@context": "https://schema.org",
            "@graph": [
                {
                    **company,
                    "name": settings.PRODUCT_NAME,
                    "url": settings.PUBLIC_URL,
                    "logo": f"{settings.PUBLIC_URL}/icon-512.png",
                },
                {
                    "@type": "SoftwareApplication",
                    "name": settings.PRODUCT_NAME,
                    "url": home,
                    "applicationCategory": "BusinessApplication",
                    "operatingSystem": "Web",
                    "inLanguage": [code for code, _name in settings.LANGUAGES],
                    "publisher": {"@id": company["@id"]},
                    "offers": [offer for plan in plans for offer in _offers(plan, home)],
                },
            ],
        }
    )


def _offers(plan: dict[str, Any], home: str) -> list[dict[str, Any]]:
    return [
        {
            "@type": "Offer",
            "name": plan["label"],
            "url": f"{home}pricing/",
            "price": _rupees(plan[f"{interval}_paise"]),
            "priceCurrency": "INR",
            "priceSpecification": {
                "@type": "UnitPriceSpecification",
                "price": _rupees(plan[f"{interval}_paise"]),
                "priceCurrency": "INR",
                "unitCode": unit,
                "valueAddedTaxIncluded": False,
            },
        }
        for interval, unit in (("monthly", "MON"), ("annual", "ANN"))
    ]


def _rupees(paise: int) -> str:
    return f"{paise // 100}.{paise % 100:02d}"


def _block(data: dict[str, Any]) -> SafeString:
    text = json.dumps(data, ensure_ascii=False).translate(ESCAPES)
    return format_html(
        '<script type="application/ld+json">{}</script>',
        mark_safe(text),  # noqa: S308 - no character of it ends the block or begins a tag
    )
