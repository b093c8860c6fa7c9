"""Look after workspaces: list, status, migrate, block, delete, back up, restore, export."""

import json
import os
import sys
import time
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.operations.backup.closing import workspace_close
from marketing_platform.operations.backup.erasing import tenant_erase
from marketing_platform.operations.backup.exporting import workspace_export
from marketing_platform.operations.backup.restoring import workspace_restore
from marketing_platform.operations.backup.taking import workspace_backup
from marketing_platform.operations.workspace_facts import (
    WorkspaceLine,
    WorkspaceStatus,
    workspace_lines,
    workspace_named,
    workspace_status,
)
from marketing_platform.tenants.closing import erasures_due
from marketing_platform.tenants.migration_executor import MOST_PARALLEL, workspaces_migrate
from marketing_platform.tenants.migration_plan import pending_migrations
from marketing_platform.tenants.migration_progress import ProgressLines, problem_of, summary_of
from marketing_platform.tenants.migrations_runner import workspaces_behind
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.tenants.services import tenant_block, tenant_reactivate
from marketing_platform.tiers.registry import REGISTRY

BY_COMMAND = "command: "
GRACE_DAYS = 30
LOOKING = ("list", "status")


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")

        def act(name: str, help: str, *, slug: str | None = None) -> Any:
            added = acts.add_parser(name, help=help, description=help)
            if slug:
                added.add_argument("slug", nargs=None if slug == "one" else slug)
            return added

        one = act("list", "Workspaces with tier, state and version.")
        one.add_argument("--tier", choices=list(REGISTRY))
        one.add_argument("--state", choices=State.values)
        one.add_argument("--behind", action="store_true", help="only those to be migrated")
        one.add_argument("--json", action="store_true")
        one = act("status", "Everything about one workspace.", slug="one")
        one.add_argument("--json", action="store_true")
        one = act("migrate", "Bring workspaces to the code's migrations.", slug="*")
        one.add_argument("--all", action="store_true", help="every workspace that is behind")
        one.add_argument("--canary", metavar="SLUG", help="the one to try it on first")
        one.add_argument("--parallel", type=_between(1, MOST_PARALLEL), default=2)
        one.add_argument("--dry-run", action="store_true", help="say what would be applied")
        for name, help in (
            ("block", "Close the doors of a workspace; nothing is lost."),
            ("unblock", "Open the doors of a blocked workspace."),
            ("reactivate", "Keep a workspace that was to be deleted."),
        ):
            act(name, help, slug="one").add_argument("--reason", required=True, type=_reason)
        one = act("delete", "Export a workspace, close it, and erase it after a grace.", slug="one")
        one.add_argument("--reason", required=True, type=_reason)
        one.add_argument("--grace-days", type=_between(1, 365), default=GRACE_DAYS)
        one.add_argument("--now", action="store_true", help="erase it at once, for good")
        one.add_argument("--confirm", metavar="SLUG", help="with --now: the slug once more")
        act("erase-due", "Erase the workspaces whose grace is over.")
        act("backup", "Write a workspace to a file, to restore it from.", slug="one").add_argument(
            "path", type=Path
        )
        act("export", "Write a workspace to a file for people.", slug="one").add_argument(
            "path", type=Path
        )
        one = act("restore", "Bring a workspace back from a backup.")
        one.add_argument("path", type=Path)
        one.add_argument(
            "--accept-foreign",
            action="store_true",
            help="also a backup that another installation signed",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        work: Callable[..., None] = getattr(self, f"act_{options['act'].replace('-', '_')}")
        try:
            work(options)
            if options["act"] in LOOKING:
                self.stdout.flush()
        except BrokenPipeError:
            # Whoever reads (`| head`) has seen enough. Other acts must not end half-way quietly.
            if options["act"] not in LOOKING:
                raise
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except PlatformError as error:
            raise CommandError(error.english) from error

    # --- looking

    def act_list(self, options: dict[str, Any]) -> None:
        lines = workspace_lines(
            tier=options["tier"], state=options["state"], is_behind=options["behind"]
        )
        if options["json"]:
            self._json([vars(line) for line in lines])
            return
        for line in _table([_cells(line) for line in lines]):
            self.stdout.write(line)
        self.stdout.write(_workspaces(len(lines)))

    def act_status(self, options: dict[str, Any]) -> None:
        found = workspace_status(workspace_named(options["slug"]))
        if options["json"]:
            self._json(found.as_dict())
            return
        for line in _status_lines(found):
            self.stdout.write(line)

    # --- migrations

    def act_migrate(self, options: dict[str, Any]) -> None:
        tenants = self._chosen(options)
        canary = options["canary"]
        if canary is not None and canary not in {tenant.slug for tenant in tenants}:
            raise CommandError(f"--canary {canary} is none of the workspaces to migrate.")
        if options["dry_run"]:
            for tenant in tenants:
                names = ", ".join(pending_migrations(tenant)) or "nothing but its version"
                self.stdout.write(f"{tenant.slug} ({tenant.tier}): {names}")
            self.stdout.write(f"{_workspaces(len(tenants))} would be migrated")
            return
        began = time.monotonic()
        lines = ProgressLines(self.stdout.write, len(tenants), is_terse=not self.stdout.isatty())
        report = workspaces_migrate(
            tenants, canary=canary, parallel=options["parallel"], progress=lines
        )
        self.stdout.write(summary_of(report, seconds=time.monotonic() - began))
        if problem_of(report):
            raise CommandError(problem_of(report))

    def _chosen(self, options: dict[str, Any]) -> list[Tenant]:
        slugs = options["slug"]
        if bool(slugs) == options["all"]:
            raise CommandError("Name the workspaces to migrate, or say --all; not both.")
        behind = workspaces_behind()
        if options["all"]:
            return behind
        wanted = {workspace_named(slug).pk for slug in slugs}
        return [tenant for tenant in behind if tenant.pk in wanted]

    # --- doors

    def act_block(self, options: dict[str, Any]) -> None:
        tenant = workspace_named(options["slug"])
        moved = tenant_block(tenant=tenant, reason=_by(options), actor_id=None, now=clock.now())
        self._say(tenant, "is blocked" if moved else "was blocked before; nothing changed")

    def act_unblock(self, options: dict[str, Any]) -> None:
        self._open(options, State.BLOCKED, other="delete can be undone with `reactivate`")

    def act_reactivate(self, options: dict[str, Any]) -> None:
        self._open(options, State.CLOSING, other="a blocked one is opened with `unblock`")

    def _open(self, options: dict[str, Any], state: State, *, other: str) -> None:
        tenant = workspace_named(options["slug"])
        if tenant.state not in (state, State.ACTIVE):
            raise CommandError(f"{tenant.slug} is {tenant.state}, not {state.value}; {other}.")
        moved = tenant_reactivate(
            tenant=tenant, reason=_by(options), actor_id=None, now=clock.now()
        )
        self._say(tenant, "is active again" if moved else "is active; nothing changed")

    # --- leaving

    def act_delete(self, options: dict[str, Any]) -> None:
        tenant = workspace_named(options["slug"])
        if options["now"] and options["confirm"] != tenant.slug:
            raise CommandError(
                f"--now erases {tenant.slug} for good. Type its slug too: --confirm {tenant.slug}"
            )
        if options["confirm"] and not options["now"]:
            raise CommandError("--confirm goes with --now.")
        now = clock.now()
        closed = workspace_close(
            tenant=tenant,
            reason=_by(options),
            actor_id=None,
            now=now,
            grace=timedelta(days=0 if options["now"] else options["grace_days"]),
            # The workspace's own folder is erased with it.
            folder=Path(settings.BACKUP_DIR) if options["now"] else None,
        )
        self.stdout.write(f"Exported to {closed.export}")
        if options["now"]:
            tenant_erase(tenant=tenant, now=now)
            self.stdout.write(f"{options['slug']} is erased; hand over the export or delete it")
            return
        self._say(
            tenant,
            f"is closing and will be erased after {closed.erase_after:%Y-%m-%d %H:%M};"
            f" keep it with: manage.py tenants reactivate {tenant.slug} --reason …",
        )

    def act_erase_due(self, options: dict[str, Any]) -> None:
        now, problems = clock.now(), []
        for tenant in erasures_due(now):
            slug = tenant.slug
            try:
                tenant_erase(tenant=tenant, now=now)
            except Exception as error:
                # One that cannot be erased must not keep the others.
                problems.append(f"{slug}: {error}")
                continue
            self.stdout.write(f"{slug} is erased")
        if problems:
            raise CommandError("These could not be erased:\n" + "\n".join(problems))

    # --- files

    def act_backup(self, options: dict[str, Any]) -> None:
        self._written(options, workspace_backup)

    def act_export(self, options: dict[str, Any]) -> None:
        self._written(options, workspace_export)

    def _written(self, options: dict[str, Any], write: Callable[[Tenant, Path], object]) -> None:
        tenant, path = workspace_named(options["slug"]), options["path"]
        if path.exists():
            raise CommandError(f"{path} exists. Give the name of a new file.")
        if not path.absolute().parent.is_dir():
            raise CommandError(f"The folder {path.absolute().parent} does not exist. Make it.")
        try:
            write(tenant, path)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror or error}") from error
        self._say(tenant, f"is written to {path} ({path.stat().st_size / 1e6:.1f} MB)")

    def act_restore(self, options: dict[str, Any]) -> None:
        path = options["path"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        report = workspace_restore(
            path,
            now=clock.now(),
            reason=f"{BY_COMMAND}restored",
            accept_foreign=options["accept_foreign"],
        )
        self.stdout.write(
            f"{report.slug} is as it was at {report.taken_at:%Y-%m-%d %H:%M}: {report.rows} rows in"
            f" {report.tables} tables and {report.files} files, in {report.seconds:.1f} s"
        )
        for note in report.notes:
            self.stdout.write(note)

    # --- saying

    def _say(self, tenant: Tenant, what: str) -> None:
        self.stdout.write(f"{tenant.slug} {what}")

    def _json(self, value: object) -> None:
        self.stdout.write(json.dumps(value, default=_plain, ensure_ascii=False, indent=2))


def _reason(text: str) -> str:
    text = text.strip()
    if not 5 <= len(text) <= 480:
        raise ArgumentTypeError("give a reason of 5 to 480 letters; it is kept in the history")
    return text


def _between(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise ArgumentTypeError(f"give a whole number from {least} to {most}")
        return int(text)

    return number


def _by(options: dict[str, Any]) -> str:
    return f"{BY_COMMAND}{options['reason']}"


def _workspaces(count: int) -> str:
    return "1 workspace" if count == 1 else f"{count} workspaces"


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _cells(line: WorkspaceLine) -> dict[str, str]:
    until = f" until {line.erase_after:%Y-%m-%d}" if line.erase_after else ""
    return {
        "slug": line.slug,
        "tier": line.tier,
        "state": f"{line.state}{until}",
        "version": line.version,
        "since": f"{line.created_at:%Y-%m-%d}",
        "name": line.name,
    }


def _table(rows: list[dict[str, str]]) -> list[str]:
    if not rows:
        return []
    cells = [list(rows[0]), *(list(row.values()) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]


def _status_lines(found: WorkspaceStatus) -> list[str]:
    line = found.line
    lines = [
        f"{line.slug} ({line.name}), {line.tier}, {line.state}",
        f"  id       {found.id}",
        f"  schema   {found.schema_name}: {len(found.rows)} tables, {found.bytes / 1e6:.2f} MB",
        f"  version  {line.version} ({found.schema_version[:8] or '–'}, code"
        f" {found.code_version[:8] or '–'})",
    ]
    if line.erase_after:
        lines.append(f"  erased   after {line.erase_after:%Y-%m-%d %H:%M}")
    if found.failure:
        lines.append(f"  failure  {found.failure}")
    lines += [f"  PROBLEM  {problem}" for problem in found.problems]
    lines += [f"  rows     {count:>9,} {table}" for table, count in found.rows.items() if count]
    lines += [
        f"  migrated {row['started_at']:%Y-%m-%d %H:%M} {row['outcome']}"
        f" (try {row['attempts']}) to {row['to_version'][:8]} {row['error'][:200]}".rstrip()
        for row in found.migrations
    ]
    lines += [
        f"  event    {row['happened_at']:%Y-%m-%d %H:%M} {row['kind']} {row['reason']}".rstrip()
        for row in found.events
    ]
    return lines
