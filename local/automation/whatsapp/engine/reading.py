"""Reading the parts of a delivery, whatever stands there instead."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

MOST_LETTERS = 4096
LONGEST_ID = 300
# Meta delivers for up to seven days: a time further back, or of tomorrow, is a mistake. Believed,
# it would put a "stop" of today before a consent of last year.
LATEST = timedelta(days=8)


def mapping_of(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def text_of(value: Any) -> str:
    return value.strip()[:MOST_LETTERS] if isinstance(value, str) else ""


def id_of(value: Any) -> str:
    """An id as WhatsApp gives them. Raises ValueError for none, or one too long to be kept."""
    text = text_of(value)
    if not 0 < len(text) <= LONGEST_ID:
        raise ValueError("no id")
    return text


def phone_of(wa_id: str) -> str:
    """'919999900001' -> '+919999900001'; "" for a user id or anything else."""
    digits = wa_id.removeprefix("+")
    return f"+{digits}" if digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 15 else ""


def moment_of(value: Any, received_at: datetime) -> datetime:
    """From seconds since 1970, in text or number; never later than the delivery itself."""
    try:
        moment = datetime.fromtimestamp(int(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return received_at
    is_likely = received_at - LATEST < moment < received_at + timedelta(days=1)
    return min(moment, received_at) if is_likely else received_at


def number_of(value: Any) -> int:
    """Raises ValueError for what is no whole number of people."""
    number = int(value)
    if isinstance(value, bool) or not -1 <= number <= 10**9:
        raise ValueError(f"{value!r} is no number of people")
    return number


def kind_and_text(item: Mapping[str, Any]) -> tuple[str, str]:
    """What sort of message it is and the words in it, "" for a picture without a caption."""
    kind = text_of(item.get("type"))[:20] or "unknown"
    content = mapping_of(item.get(kind))
    if kind == "interactive":
        chosen = content.get("button_reply") or content.get("list_reply")
        return kind, text_of(mapping_of(chosen).get("title"))
    for name in ("body", "text", "caption", "emoji"):
        if text_of(content.get(name)):
            return kind, text_of(content[name])
    return kind, ""


def failure_of(errors: Any) -> tuple[int | None, str]:
    first = mapping_of(list_of(errors)[0]) if list_of(errors) else {}
    code = first.get("code")
    if not isinstance(code, int) or isinstance(code, bool) or not 0 <= code < 2**31:
        code = None
    return code, text_of(first.get("title"))[:200]
