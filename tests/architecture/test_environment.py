"""What the settings read and what .env.example lists are the same."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READ_ELSEWHERE = {"PLATFORM_TIERS", "DJANGO_SETTINGS_MODULE"}


def test_env_example_lists_exactly_what_is_read() -> None:
    read = set(READ_ELSEWHERE)
    for path in (ROOT / "marketing_platform" / "settings").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            is_read = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "environment"
            )
            if is_read:
                read.add(node.args[0].value)
    listed = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert listed == read
