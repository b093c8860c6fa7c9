"""Which workspace a host name is, remembered by this process for half a minute.

Only a serving workspace is remembered as found; one that is being prepared, blocked or erased is
read every time. Other processes do not hear of a change: whoever acts for a person or a key reads
the state afresh (users.backends, api.keys), so only pages for nobody in particular may be late.
"""

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

if TYPE_CHECKING:
    from marketing_platform.tenants.models import Tenant

SERVING_SECONDS, UNKNOWN_SECONDS = 30.0, 5.0
SIZE = 4096


class HostCache:
    """Bounded, thread-safe; unknown hosts cannot push known ones out."""

    def __init__(self, size: int = SIZE):
        self._size = size
        self._lock = threading.Lock()
        # Host to its workspace (None: nobody's), and until when.
        self._known: OrderedDict[str, tuple[Tenant | None, float]] = OrderedDict()
        self._unknown: OrderedDict[str, tuple[Tenant | None, float]] = OrderedDict()
        self._changes = 0

    @property
    def changes(self) -> int:
        """Asked before the database is: what is forgotten meanwhile is not put back."""
        return self._changes

    def get(self, host: str) -> "tuple[bool, Tenant | None]":
        """Whether the host is remembered, and whose it is. The row is shared: copy it."""
        with self._lock:
            for rows in (self._known, self._unknown):
                found = rows.get(host)
                if found is None:
                    continue
                if found[1] > time.monotonic():
                    rows.move_to_end(host)
                    return True, found[0]
                del rows[host]
        return False, None

    def put(self, host: str, tenant: "Tenant | None", *, changes: int) -> None:
        """Remember it, unless something was forgotten since `changes` was asked."""
        rows = self._unknown if tenant is None else self._known
        seconds = UNKNOWN_SECONDS if tenant is None else SERVING_SECONDS
        with self._lock:
            if self._changes != changes:
                return
            rows[host] = (tenant, time.monotonic() + seconds)
            rows.move_to_end(host)
            if len(rows) > self._size:
                rows.popitem(last=False)

    def forget(self, tenant_id: UUID) -> None:
        with self._lock:
            self._changes += 1
            self._unknown.clear()
            for host in [h for h, (row, _) in self._known.items() if row and row.pk == tenant_id]:
                del self._known[host]

    def clear(self) -> None:
        with self._lock:
            self._changes += 1
            self._known.clear()
            self._unknown.clear()


hosts = HostCache()


def tenant_forget(tenant_id: UUID) -> None:
    """A workspace or its hosts have changed: look again. At once, and when it is committed."""
    hosts.forget(tenant_id)
    # Before the commit, others still read, and would remember, what was.
    transaction.on_commit(lambda: hosts.forget(tenant_id))
