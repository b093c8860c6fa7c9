"""Run one benchmark: the same as bin/bench."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from marketing_platform.operations import bench


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=bench.names())
        parser.add_argument("--full", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        raise SystemExit(bench.main([options["name"], *(["--full"] if options["full"] else [])]))
