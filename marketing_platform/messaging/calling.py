"""One JSON call to a provider of messages; a person waits for it, so it is short."""

import logging
from dataclasses import dataclass
from typing import Any

import httpx

from marketing_platform.messaging.errors import SenderAway

logger = logging.getLogger(__name__)
TIMEOUT = httpx.Timeout(connect=4.0, read=8.0, write=8.0, pool=4.0)


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]


def post(provider: str, url: str, *, headers: dict[str, str], body: dict[str, Any]) -> Answer:
    """The answer whatever its status. Raises SenderAway for none, and for the provider's faults."""
    try:
        response = httpx.post(
            url, headers=headers, json=body, timeout=TIMEOUT, follow_redirects=False
        )
        found = response.json()
    except httpx.HTTPError as error:
        logger.warning("%s did not answer: %s", provider, type(error).__name__)
        raise SenderAway from None
    except ValueError:
        logger.warning("%s answered %s without JSON", provider, response.status_code)
        raise SenderAway from None
    if response.status_code == 429 or response.status_code >= 500 or not isinstance(found, dict):
        logger.warning("%s answered %s", provider, response.status_code)
        raise SenderAway
    return Answer(response.status_code, found)
