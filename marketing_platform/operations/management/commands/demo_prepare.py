"""Migrate every schema and seed the demo; what the demo offers goes to --output as JSON."""

import json
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from marketing_platform.operations import demo


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, required=True)
        parser.add_argument("--reset", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate_platform")
        seeded = demo.seed(reset=options["reset"])
        output: Path = options["output"]
        output.touch(mode=0o600)
        output.write_text(json.dumps(seeded))
