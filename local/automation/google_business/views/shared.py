from typing import Any

from django.utils.translation import get_language, gettext

from local.automation.google_business.engine.replies import ASPECT_NAMES, REASONS
from local.automation.google_business.models import ReviewReply
from marketing_platform.core.language import shown_language


def interface_language() -> str:
    return shown_language(get_language())


def said(sentence: str, params: dict[str, Any]) -> str:
    """A stored sentence in the reader's language."""
    if not sentence:
        return ""
    text = gettext(sentence)
    return text % params if params else text


def reasons_of(reply: ReviewReply) -> list[str]:
    """Why the draft says what it says."""
    return [_reason(each["code"], each["params"]) for each in reply.reasons]


def _reason(code: str, params: dict[str, Any]) -> str:
    known = dict(params)
    if "aspects" in known:
        known["aspects"] = ", ".join(gettext(ASPECT_NAMES[each]) for each in known["aspects"])
    return said(REASONS[code], known)
