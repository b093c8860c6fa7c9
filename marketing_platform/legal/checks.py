"""Law asks for a complaints officer with a name."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.security, deploy=True)
def check_complaints_officer(**_: Any) -> list[CheckMessage]:
    names = ("GRIEVANCE_OFFICER_NAME", "GRIEVANCE_OFFICER_EMAIL")
    missing = [name for name in names if not getattr(settings, name)]
    if not missing:
        return []
    return [
        Warning(
            f"The complaints page names nobody: {', '.join(missing)} is empty.",
            hint="Rule 3(2) of the IT Rules, 2021 and rule 4(5) of the E-Commerce Rules, 2020.",
            id="legal.W001",
        )
    ]
