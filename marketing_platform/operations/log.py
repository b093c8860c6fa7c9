"""Log lines that say which request, workspace and person they belong to, and keep secrets out.

Imported by the settings, so nothing here may touch Django's apps at import time.
"""

import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from marketing_platform.tenants.acting import ACTING, PUBLIC_SCHEMA

Event = MutableMapping[str, Any]

_SECRET_NAME = re.compile(
    r"password|passwd|secret|token|authorization|cookie|api_?key|credential|otp|signature",
    re.IGNORECASE,
)
_SECRET_TEXT = (
    (re.compile(r"\b((?:live|test)_[0-9a-f]{12})_[\w-]+"), r"\1_***"),
    (re.compile(r"\b(Bearer|Basic)\s+\S+", re.IGNORECASE), r"\1 ***"),
    (re.compile(r"(\w+://[^\s:/@]*):[^\s@/]+@"), r"\1:***@"),
    (re.compile(r"([?&](?:token|key|secret|code|signature)=)[^&\s]+", re.IGNORECASE), r"\1***"),
    (re.compile(r"(/media/signed/)[^\s\"'?]+"), r"\1***"),
)
_HIDDEN = "***"


def add_context(_logger: object, _method: str, event: Event) -> Event:
    """request_id, tenant (schema) and user_id of the request or the task that logs."""
    # Django logs refused requests after the middleware, with the request beside the message.
    request = event.pop("request", None) or _current_request()
    if event.get("logger") == "celery.app.trace":
        event.pop("data", None)  # says the message again
    event.update(_request_context(request) if request is not None else _task_context())
    return event


def _current_request() -> Any:
    module = sys.modules.get("marketing_platform.operations.request_id")
    return module.current_request.get() if module else None


def _request_context(request: Any) -> dict[str, str]:
    # Django reports a refused request after the workspace was left.
    of_host = getattr(getattr(request, "tenant", None), "schema_name", PUBLIC_SCHEMA)
    return {
        "request_id": getattr(request, "request_id", ""),
        "tenant": of_host if _acting() == PUBLIC_SCHEMA else _acting(),
        "user_id": _known_user_id(getattr(request, "user", None)),
    }


def _acting() -> str:
    return ACTING.get().schema


def _known_user_id(user: Any) -> str:
    """Of a person who has been looked up: a log line must never cause a query."""
    from django.utils.functional import LazyObject, empty

    if isinstance(user, LazyObject) and user._wrapped is empty:
        return ""
    return str(getattr(user, "pk", None) or "")


def _task_context() -> dict[str, str]:
    """Of a task; of a command, a thread or a coroutine outside of any, the workspace alone."""
    celery = sys.modules.get("celery._state")
    task = celery.get_current_task() if celery else None
    if task is None:
        return {"request_id": "", "tenant": _acting(), "user_id": ""}
    return {
        "request_id": str(task.request.get("request_id") or ""),
        # Celery speaks of a task before it is in its workspace and after it left.
        "tenant": task.request.get("tenant_schema") or _acting(),
        "user_id": "",
        "task_id": task.request.id or "",
    }


def mask_secrets(_logger: object, _method: str, event: Event) -> Event:
    """Hides values by their name and keys, passwords and links by their look."""
    for name, value in event.items():
        if name.startswith("_"):
            continue
        if _SECRET_NAME.search(name):
            event[name] = _HIDDEN
        elif isinstance(value, str):
            event[name] = masked(value)
    return event


def masked(text: str) -> str:
    for pattern, replacement in _SECRET_TEXT:
        text = pattern.sub(replacement, text)
    return text


def logging_config(*, json: bool) -> dict[str, Any]:
    """A value for LOGGING: one line per event on stderr, JSON for machines or text for people."""
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    )
    arriving = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_context,
    ]
    leaving = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        # As text before masking, and without local variables: those hold secrets.
        structlog.processors.format_exc_info,
        mask_secrets,
        renderer,
    ]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": arriving,
                "processors": leaving,
            }
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line"},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": ["console"], "propagate": False},
            # Somebody asking for a host that is not ours is the internet, not an error.
            "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
            # "received" before every "succeeded" says nothing new.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "granian": {"handlers": ["console"], "level": "INFO", "propagate": False},
            "httpx": {"level": "WARNING"},
            "fontTools": {"level": "WARNING"},
        },
    }
