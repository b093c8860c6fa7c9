"""Run everything here: the same as bin/run in an environment that is prepared already."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from marketing_platform.operations import supervisor


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int)
        parser.add_argument("--reset", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        running = supervisor.Supervisor(port=options["port"], is_reset=options["reset"])
        raise SystemExit(running.run())
