"""Log lines of tasks look like those of requests, and name the request that caused them."""

import logging.config
from typing import Any

from celery.signals import before_task_publish, setup_logging
from django.conf import settings

from marketing_platform.operations.request_id import current_request_id


@setup_logging.connect
def configure(**_arguments: Any) -> None:
    """Celery leaves logging alone when somebody answers this signal."""
    logging.config.dictConfig(settings.LOGGING)


@before_task_publish.connect
def pass_on_request_id(headers: dict[str, Any], **_arguments: Any) -> None:
    request_id = current_request_id()
    if request_id:
        headers["request_id"] = request_id
