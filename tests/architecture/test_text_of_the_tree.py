"""What must not stand in any committed file."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MACHINE_PATH = re.compile(r"(?<![\w/.-])/(?:home|Users|root|work|opt/\w+)/[\w.-]+")
DJANGO_TAG = re.compile(r"\{[%#{].*?[%#}]\}", re.DOTALL)
INLINE = re.compile(r"\sstyle=\"|\son[a-z]+=\"|<script(?![^>]*\bsrc=)[^>]*>|<style", re.IGNORECASE)


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_no_file_names_a_path_of_some_machine() -> None:
    wrong = []
    for path in tracked("*.py", "*.md", "*.toml", "*.html", "*.js", "*.css", "bin/*", ".ci/*"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if MACHINE_PATH.search(line) and path != Path(__file__):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")

    assert wrong == []


def test_templates_have_no_inline_script_or_style() -> None:
    wrong = []
    for path in tracked("templates/**"):
        if path.suffix == ".html" and INLINE.search(DJANGO_TAG.sub("", path.read_text())):
            wrong.append(str(path.relative_to(ROOT)))

    assert wrong == []


def test_no_postgresql_extension_is_asked_for() -> None:
    word = "CREATE " + "EXTENSION"
    wrong = [str(p) for p in tracked("*.py", "*.sql") if word in p.read_text().upper()]

    assert wrong == []


def test_commands_named_in_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text()
    named = set(re.findall(r"\bbin/([a-z]+)\b", readme))

    assert {"run", "test", "check"} <= named
    assert [name for name in named if not (ROOT / "bin" / name).exists()] == []


def test_source_files_stay_short() -> None:
    long = []
    for path in tracked("*.py", "*.html"):
        limit = 400 if path.suffix == ".py" else 130
        count = len(path.read_text().splitlines())
        if count > limit and "migrations" not in path.parts:
            long.append(f"{path.relative_to(ROOT)}: {count} lines")

    assert long == []
