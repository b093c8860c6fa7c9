"""Restoring one workspace: into a database that lost it, or over the one that is there.

A schema of another name is made and filled first; then one transaction puts back the public rows,
turns the workspace to it and lets features look after what must not happen again. Until that
commits nobody sees anything of it; what was there is renamed and dropped a week later.
"""

import logging
import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import Error, connection, transaction
from django_tenants.utils import quote_schema_name, schema_exists

from marketing_platform.operations.backup import after, database
from marketing_platform.operations.backup.archive import Reader, opened
from marketing_platform.operations.backup.errors import RestoreRefused
from marketing_platform.operations.backup.loading import (
    is_behind,
    newer_refuse,
    schema_make,
    tables_load,
)
from marketing_platform.operations.backup.placing import Placing
from marketing_platform.operations.backup.schemas import drop_done, drop_plan, schema_remove
from marketing_platform.tenants.completeness import workspace_complete
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.errors import IllegalState
from marketing_platform.tenants.events import tenant_event
from marketing_platform.tenants.migrations_runner import (
    HAVING_SCHEMA,
    code_version,
    workspace_lock,
    workspace_migrate,
)
from marketing_platform.tenants.models import State, Tenant, TenantEvent
from marketing_platform.tenants.services import tenant_block, tenant_move
from marketing_platform.tenants.slugs import new_schema_name
from marketing_platform.tiers.registry import deployed

logger = logging.getLogger(__name__)
WAIT_SECONDS = 60
KEPT_ASIDE = timedelta(days=7)
LEFT_BEHIND = timedelta(days=1)
BLOCKED_FOR = "it is being restored from a backup"


@dataclass(frozen=True)
class RestoreReport:
    """`public_rows` counts what was put back, by model; `notes` are lines for a person to read."""

    tenant_id: UUID
    slug: str
    taken_at: datetime
    was_lost: bool
    tables: int
    rows: int
    files: int
    public_rows: dict[str, int] = field(default_factory=dict)
    work_needs_check: int = 0
    subjects_again: int = 0
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


def workspace_restore(
    path: Path | str,
    *,
    now: datetime,
    actor_id: UUID | None = None,
    reason: str = "",
    accept_foreign: bool = False,
) -> RestoreReport:
    """Bring a workspace back to its backup. Nothing is changed unless all of it succeeds.

    Money, people, keys and addresses of a workspace that is there stay as they are now; its own
    tables and files become the backup's. Nothing that was waiting to be sent is sent.

    Raises BackupDamaged, BackupForeign, BackupNewer; RestoreRefused with the reason; IllegalState
    for an erased or unprepared workspace; WorkspaceBusy.
    """
    started = time.monotonic()
    with public_context(), opened(Path(path), accept_foreign=accept_foreign) as backup:
        facts = backup.manifest.tenant
        if facts["tier"] not in deployed():
            raise RestoreRefused(why=f"the tier {facts['tier']} is not deployed here")
        newer_refuse(backup.manifest)
        place = Tenant(
            pk=facts["id"],
            schema_name=new_schema_name(),
            tier=facts["tier"],
            slug=facts["slug"],
            name=facts["name"],
        )
        with workspace_lock(place, wait_seconds=WAIT_SECONDS):
            present = Tenant.objects.filter(pk=facts["id"]).first()
            _refuse(present, backup)
            restore = _Restore(backup, place, present, now, actor_id, reason)
            report = restore.run()
    return replace(report, seconds=round(time.monotonic() - started, 3))


def _refuse(present: Tenant | None, backup: Reader) -> None:
    facts = backup.manifest.tenant
    if present is None:
        if Tenant.objects.filter(slug=facts["slug"]).exists():
            raise RestoreRefused(why=f"the address {facts['slug']} is another workspace's now")
        return
    if present.state not in HAVING_SCHEMA:
        raise IllegalState(state=present.get_state_display())
    if present.tier != facts["tier"]:
        raise RestoreRefused(why=f"the workspace is of the tier {present.tier}")
    after.subjects_refuse(present, backup)


class _Restore:
    def __init__(
        self,
        backup: Reader,
        place: Tenant,
        present: Tenant | None,
        now: datetime,
        actor_id: UUID | None,
        reason: str,
    ):
        self.backup, self.place, self.present = backup, place, present
        self.now, self.actor_id, self.reason = now, actor_id, reason
        self.taken_at = datetime.fromisoformat(backup.manifest.taken_at)

    def run(self) -> RestoreReport:
        # Before there is anything to drop, so that a kill at any point leaves nothing for ever.
        drop_plan(self.place.schema_name, tenant_id=self.place.pk, after=LEFT_BEHIND)
        # Whoever comes meanwhile would write into what is put aside.
        was_active = self._block()
        try:
            version = self._fill()
            files = self._files_put()
            with transaction.atomic():
                report = self._turn(version, was_active)
        except BaseException:
            self._undo(was_active)
            raise
        drop_done(self.place.schema_name)
        return replace(report, files=files)

    def _undo(self, was_active: bool) -> None:
        """Unless the failure came after the commit: then the new schema is the workspace.

        When that cannot be told nothing is removed; what is left behind is dropped a day later.
        """
        schema = self.place.schema_name
        try:
            is_used = Tenant.objects.filter(schema_name=schema).exists()
        except Error:
            logger.exception("is the schema %s in use? It is left as it is", schema)
            return
        if is_used:
            drop_done(schema)
            return
        try:
            schema_remove(schema)
            drop_done(schema)
        finally:
            if was_active:
                self._unblock("the restore did not succeed")

    def _fill(self) -> str:
        schema_make(self.place, self.backup.manifest)
        tables_load(self.place, self.backup)
        if is_behind(self.place, self.backup.manifest):
            workspace_migrate(self.place)
        missing = workspace_complete(self.place)
        if missing:
            raise RestoreRefused(why="; ".join(missing[:10]))
        return code_version(self.place.tier)

    def _files_put(self) -> int:
        root = Path(settings.MEDIA_ROOT) / self.place.schema_name
        files = self.backup.manifest.under("files/")
        for name in files:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as target:
                for chunk in self.backup.parts_of(f"files/{name}"):
                    target.write(chunk)
        return len(files)

    def _turn(self, version: str, was_active: bool) -> RestoreReport:
        """In one transaction: from now on the workspace is what was restored."""
        placing = Placing(self.backup, is_lost=self.present is None)
        if self.present is None:
            placing.tenant_place(
                {**self.backup.manifest.tenant, "schema_name": self.place.schema_name}
            )
        tenant = Tenant.objects.select_for_update().get(pk=self.place.pk)
        if self.present is not None:
            self._put_aside(tenant)
        Tenant.objects.filter(pk=tenant.pk).update(
            schema_name=self.place.schema_name, schema_version=version
        )
        tenant.refresh_from_db()
        public_rows = placing.run()
        needs_check = after.work_stop(tenant, self.backup)
        again = after.subjects_apply(tenant, self.backup)
        notes = after.features_ask(tenant, self.taken_at, self.now)
        self._event(tenant)
        if was_active:
            self._unblock("restored")
        tables = self.backup.manifest.under("tables/")
        return RestoreReport(
            tenant_id=tenant.pk,
            slug=tenant.slug,
            taken_at=self.taken_at,
            was_lost=self.present is None,
            tables=len(tables),
            rows=sum(part.rows or 0 for part in tables.values()),
            files=0,
            public_rows=public_rows,
            work_needs_check=needs_check,
            subjects_again=again,
            notes=tuple(notes),
        )

    def _put_aside(self, tenant: Tenant) -> None:
        """Rename the schema in use: who still knows its name finds nothing, not the past."""
        old, aside = tenant.schema_name, new_schema_name()
        if not schema_exists(old):
            return
        connection.ensure_connection()
        raw = connection.connection
        database.sequences_raise(raw, self.place.schema_name, database.sequences_of(raw, old))
        with connection.cursor() as cursor:
            cursor.execute(
                f"ALTER SCHEMA {quote_schema_name(old)} RENAME TO {quote_schema_name(aside)}"
            )
        drop_plan(aside, tenant_id=tenant.pk, after=KEPT_ASIDE)
        # Its files lie under the old name.
        drop_plan(old, tenant_id=tenant.pk, after=KEPT_ASIDE)

    def _block(self) -> bool:
        """Whether the doors are to be opened at the end."""
        if self.present is None:
            return False
        if self.present.state == State.BLOCKED:
            return self._was_blocked_by_a_restore()
        if self.present.state != State.ACTIVE:
            return False
        return tenant_block(
            tenant=self.present, reason=BLOCKED_FOR, actor_id=self.actor_id, now=self.now
        )

    def _was_blocked_by_a_restore(self) -> bool:
        """One that was killed, and nothing happened to the workspace since."""
        last = TenantEvent.objects.filter(tenant=self.present).order_by("-id").first()
        return last is not None and (last.kind, last.reason) == (State.BLOCKED, BLOCKED_FOR)

    def _unblock(self, reason: str) -> None:
        present = self.present
        if present is None:
            return
        try:
            tenant_move(
                present,
                State.ACTIVE,
                sources=(State.BLOCKED,),
                reason=reason,
                actor_id=self.actor_id,
                now=self.now,
            )
        except IllegalState:
            # Somebody asked for its closing meanwhile.
            logger.warning(
                "workspace %s is not opened: it is %s", self.place.pk, self.present.state
            )

    def _event(self, tenant: Tenant) -> None:
        tenant_event(
            tenant,
            "restored",
            reason=f"backup of {self.taken_at:%Y-%m-%d %H:%M:%S %Z}. {self.reason}".strip(),
            actor_id=self.actor_id,
            now=self.now,
        )
