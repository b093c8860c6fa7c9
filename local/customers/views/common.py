"""What the pages share."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from local.customers.engine.wordings import Wording
from local.customers.services import wording_here
from marketing_platform.core.language import shown_language
from marketing_platform.core.text import mask_phone
from marketing_platform.users.permissions import Permission, allowed


def sees_numbers(request: HttpRequest) -> bool:
    return allowed(request.membership.role, Permission.CUSTOMER_NUMBERS)


def may_work(request: HttpRequest) -> bool:
    return allowed(request.membership.role, Permission.WORK)


def shown_phone(request: HttpRequest, phone: str | None) -> str:
    """99999 00001 for those who may see it, masked for others."""
    if not phone:
        return ""
    if not sees_numbers(request):
        return mask_phone(phone)
    return f"{phone[3:8]} {phone[8:]}" if phone.startswith("+91") else phone


def wording_shown(language: str = "") -> Wording:
    """The consent text in the customer's language, else in that of the interface."""
    return wording_here(language=language or interface_language())


def interface_language() -> str:
    return shown_language(get_language(), ("en", "hi", "mr"))


def first_error(form: Any) -> str:
    return str(next(iter(next(iter(form.errors.values())))))
