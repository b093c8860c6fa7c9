"""Sending without waiting for the provider, where waiting would tell who has an account.

A few threads of the web process; what is lost with the process is asked for again by its reader.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from threading import BoundedSemaphore

from django.conf import settings
from django.db import connection

from marketing_platform.core.errors import OutsideFailure
from marketing_platform.messaging.errors import SendersBusy

logger = logging.getLogger(__name__)
THREADS, MOST_WAITING = 4, 200
_room = BoundedSemaphore(MOST_WAITING)


def send_without_waiting(send: Callable[[], object]) -> None:
    """Run `send` soon; what the provider refuses is logged. Raises SendersBusy when too many wait.

    Where SENDS_IN_BACKGROUND is off it runs at once and raises what it raises.
    """
    if not settings.SENDS_IN_BACKGROUND:
        send()
        return
    if not _room.acquire(blocking=False):
        raise SendersBusy
    work = _pool().submit(_send, send)
    work.add_done_callback(_done)


def _send(send: Callable[[], object]) -> None:
    try:
        send()
    except OutsideFailure as error:
        logger.error("a message could not be sent: %s", error)
    finally:
        connection.close()


def _done(work: Future[None]) -> None:
    _room.release()
    if work.exception() is not None:
        logger.error("a message could not be sent", exc_info=work.exception())


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="sending")
