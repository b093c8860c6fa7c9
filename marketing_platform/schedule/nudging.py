"""Telling workers of new work when the answer is out: for doors where many knock at once.

A word to the broker takes as long as the rest of a short request, and seconds while the broker is
away. It is only a word: work that was not spoken of here is found by the dispatcher.
"""

import threading
import time
from queue import Empty, Full, Queue

from marketing_platform.schedule.services import nudge

# Long enough for the answers of one burst, too short for anybody to notice.
AFTER_SECONDS = 0.25
# More than that wait for the dispatcher, which looks every five seconds.
MOST_WAITING = 1_000
IDLE_SECONDS = 30

_waiting: Queue[tuple[int, str]] = Queue(MOST_WAITING)
_lock = threading.Lock()
_sender: threading.Thread | None = None


def nudge_soon(work_id: int, queue: str) -> bool:
    """Hand a word over to this process's sender; False when too many wait. Never blocks."""
    try:
        _waiting.put_nowait((work_id, queue))
    except Full:
        return False
    _sender_start()
    return True


def _sender_start() -> None:
    global _sender
    with _lock:
        if _sender is None or not _sender.is_alive():
            _sender = threading.Thread(target=_send_all, name="nudging", daemon=True)
            _sender.start()


def _send_all() -> None:
    """Ends when nothing came for a while; the next word starts another one."""
    global _sender
    while True:
        try:
            word = _waiting.get(timeout=IDLE_SECONDS)
        except Empty:
            with _lock:
                if _waiting.empty():
                    _sender = None
                    return
            continue
        time.sleep(AFTER_SECONDS)
        _send(word)


def _send(word: tuple[int, str]) -> None:
    """This word and all that wait with it; while the broker is away the rest is not tried."""
    while True:
        if not nudge(*word):
            _forget()
            return
        try:
            word = _waiting.get_nowait()
        except Empty:
            return


def _forget() -> None:
    while True:
        try:
            _waiting.get_nowait()
        except Empty:
            return
