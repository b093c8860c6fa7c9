"""What features do when their workspace is restored from a backup, and for people who left it.

Registered in a feature's `tasks` module, which every process imports.

A restore never sends again. Whatever the restored tables hold as armed or planned to leave the
process must come back as "needs check": its feature says so with `after_restore`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.dispatch import Signal

from marketing_platform.tenants.context import public_context

if TYPE_CHECKING:
    from marketing_platform.tenants.models import SubjectAct, SubjectRequest, Tenant

# handler(tenant, taken_at, now) -> lines for the report
AfterRestore = Callable[["Tenant", datetime, datetime], list[str]]
# handler(tenant, subject, act)
SubjectHandler = Callable[["Tenant", str, str], None]
AFTER_RESTORE: dict[str, AfterRestore] = {}
# Features of one tier: in workspaces of the other they have no tables.
ONLY_IN_TIER: dict[str, str] = {}
SUBJECT_HANDLERS: dict[str, SubjectHandler] = {}
# Sent with `tenant` when the erasure of a person is kept: files packed before still name them.
person_erased = Signal()


def after_restore(name: str, *, tier: str = "") -> Callable[[AfterRestore], AfterRestore]:
    """Register what a feature (of one `tier`, or of all) does in a restored workspace, before
    anybody sees it.

    It runs in the workspace's context and in the restore's transaction; what it raises undoes the
    restore. `taken_at` is when the backup was taken.
    """
    if tier:
        ONLY_IN_TIER[name] = tier
    return lambda handler: _register(AFTER_RESTORE, name, handler)


def subject_handler(kind: str) -> Callable[[SubjectHandler], SubjectHandler]:
    """Register how a kind of person is erased from a workspace, or opted out: again and again.

    It runs in the workspace's context; for somebody who is not there it does nothing.
    """
    return lambda handler: _register(SUBJECT_HANDLERS, kind, handler)


def _register(registry: dict[str, Any], name: str, handler: Any) -> Any:
    if registry.get(name, handler) is not handler:
        raise ValueError(f"two handlers for {name}")
    registry[name] = handler
    return handler


def subject_record(
    *, tenant: "Tenant | None", kind: str, subject: str, act: "SubjectAct", now: datetime
) -> "SubjectRequest":
    """Keep, in the caller's transaction, that a person was erased or opted out.

    Raises ValueError without a workspace, or for a kind without a handler: no restore could apply
    it again.
    """
    from marketing_platform.tenants.models import SubjectAct, SubjectRequest, Tenant

    if tenant is None:
        raise ValueError("people leave a workspace, and none is acting")
    if kind not in SUBJECT_HANDLERS:
        raise ValueError(f"no subject_handler is registered for {kind}")
    if act == SubjectAct.ERASED:
        transaction.on_commit(lambda: person_erased.send_robust(Tenant, tenant=tenant))
    with public_context():
        return SubjectRequest.objects.create(
            tenant=tenant, kind=kind, subject=subject, act=act, happened_at=now
        )
