"""Migrate the public schema, then every workspace that is behind."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketing_platform.tenants.errors import TierNotDeployed
from marketing_platform.tenants.migration_executor import MOST_PARALLEL, workspaces_migrate
from marketing_platform.tenants.migration_progress import ProgressLines, problem_of, summary_of
from marketing_platform.tenants.migrations_runner import (
    lock_of_its_own,
    public_migrate,
    undeployed_tiers_refuse,
    workspaces_behind,
)
from marketing_platform.tenants.snapshot import snapshot_ensure


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--parallel",
            type=int,
            default=2,
            choices=range(1, MOST_PARALLEL + 1),
            metavar=f"1..{MOST_PARALLEL}",
            help="how many workspaces at a time (2)",
        )
        parser.add_argument("--canary", metavar="SLUG", help="the workspace to try it on first")

    def handle(self, *args: Any, **options: Any) -> None:
        # Two machines that start at once: the second waits, and finds nothing left to do.
        with lock_of_its_own("migrate_platform"):
            self._migrate(options)

    def _migrate(self, options: dict[str, Any]) -> None:
        try:
            undeployed_tiers_refuse()
        except TierNotDeployed as error:
            raise CommandError(error.english) from error
        public_migrate()
        for tier in settings.TIERS:
            if snapshot_ensure(tier) is None:
                self.stderr.write(f"No snapshot of {tier}: new workspaces take seconds (see log).")
        began = time.monotonic()
        behind = workspaces_behind()
        report = workspaces_migrate(
            behind,
            canary=options["canary"],
            parallel=options["parallel"],
            progress=ProgressLines(
                self.stdout.write, len(behind), is_terse=not self.stdout.isatty()
            ),
        )
        if options["verbosity"] and behind:
            self.stdout.write(summary_of(report, seconds=time.monotonic() - began))
        problem = problem_of(report)
        if problem:
            raise CommandError(problem)
