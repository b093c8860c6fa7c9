"""Reading and checking guide files. Each complaint names the file and the key."""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from local.guidance.engine.contracts import (
    EVIDENCE_KINDS,
    FALLBACK_LANGUAGE,
    TOOLS,
    Evidence,
    Fail,
    Guide,
    Step,
)
from local.guidance.errors import GuideFileWrong

FOLDER = Path(__file__).resolve().parent.parent / "content" / "guides"
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
KIND = re.compile(r"[a-z_]+\.[a-z_]+")
LINK = re.compile(r"https://[a-z0-9.-]+(?:/\S*)?|\{[a-z_]+\}")
PATH = re.compile(r"/[a-z0-9/_-]*")
LANGUAGE = re.compile(r"[a-z]{2,8}")
MOST_MINUTES = 60
GUIDE_KEYS = {
    *("slug", "kinds", "icon", "minutes", "verified_on", "sources", "tool"),
    *("title", "summary", "keywords", "evidence", "steps", "fails"),
}


@cache
def guides() -> Mapping[str, Guide]:
    """All guides by slug, read once. Raises GuideFileWrong."""
    return read_folder(FOLDER)


def read_folder(folder: Path) -> dict[str, Guide]:
    found: dict[str, Guide] = {}
    by_kind: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        guide = read_guide(path.name, path.read_text(encoding="utf-8"))
        for kind in guide.kinds:
            if kind in by_kind:
                raise GuideFileWrong(path.name, "kinds", f"{kind} is in {by_kind[kind]} too")
            by_kind[kind] = path.name
        found[guide.slug] = guide
    return found


def read_guide(file: str, source: str) -> Guide:
    """One guide from the text of its file. Raises GuideFileWrong."""
    try:
        table = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise GuideFileWrong(file, "file", str(error)) from error
    return _Reader(file, table).guide(hashlib.sha256(_canonical(table)).hexdigest()[:16])


def _canonical(table: dict[str, Any]) -> bytes:
    return json.dumps(table, sort_keys=True, ensure_ascii=False, default=str).encode()


class _Reader:
    def __init__(self, file: str, table: dict[str, Any]):
        self.file, self.table = file, table
        title = self._of(table, "title", "title", dict)
        self.languages = tuple(title)
        if FALLBACK_LANGUAGE not in title:
            self.fail(f"title.{FALLBACK_LANGUAGE}", "missing")

    def fail(self, key: str, reason: str) -> None:
        raise GuideFileWrong(self.file, key, reason)

    def guide(self, version: str) -> Guide:
        table = self.table
        self._only(table, GUIDE_KEYS, "")
        slug = self._matching(table, "slug", SLUG)
        if f"{slug}.toml" != self.file:
            self.fail("slug", "must be the name of the file")
        steps = tuple(self._step(number) for number in range(len(self._list("steps"))))
        if len({step.key for step in steps}) != len(steps):
            self.fail("steps", "two have the same key")
        return Guide(
            slug=slug,
            kinds=self._words("kinds", KIND),
            icon=self._matching(table, "icon", SLUG),
            minutes=self._minutes(),
            verified_on=self._of(table, "verified_on", "verified_on", date),
            sources=tuple(table.get("sources", ())),
            tool=self._one_of(table.get("tool", ""), "tool", TOOLS),
            languages=self.languages,
            title=self._texts(table, "title"),
            summary=self._texts(table, "summary"),
            keywords=self._keywords(),
            evidence=self._evidence(),
            steps=steps,
            fails=tuple(self._fail_row(number) for number in range(len(self._list("fails")))),
            version=version,
        )

    def _step(self, number: int) -> Step:
        row, at = self.table["steps"][number], f"steps.{number + 1}"
        self._only(row, {"key", "link", "path", "text", "hint", "check"}, f"{at}.")
        return Step(
            key=self._matching(row, "key", SLUG, at),
            text=self._texts(row, "text", at),
            hint=self._texts(row, "hint", at),
            check=self._texts(row, "check", at),
            link=self._matching(row, "link", LINK, at) if "link" in row else "",
            path=self._matching(row, "path", PATH, at) if "path" in row else "",
        )

    def _fail_row(self, number: int) -> Fail:
        row, at = self.table["fails"][number], f"fails.{number + 1}"
        self._only(row, {"symptom", "fix"}, f"{at}.")
        return Fail(self._texts(row, "symptom", at), self._texts(row, "fix", at))

    def _evidence(self) -> Evidence:
        row = self._of(self.table, "evidence", "evidence", dict)
        self._only(row, {"kind", "hosts", "most", "label", "help"}, "evidence.")
        kind = self._one_of(row.get("kind"), "evidence.kind", EVIDENCE_KINDS)
        hosts, most = tuple(row.get("hosts", ())), row.get("most", 0)
        if bool(hosts) != (kind == "url"):
            self.fail("evidence.hosts", "belongs to a url, and to nothing else")
        if not isinstance(most, int) or bool(most) != (kind == "number") or most < 0:
            self.fail("evidence.most", "a whole number above 0, for a number only")
        asks_help = self._texts(row, "help", "evidence") if "help" in row else {}
        return Evidence(kind, self._texts(row, "label", "evidence"), asks_help, hosts, most)

    def _minutes(self) -> int:
        minutes = self._of(self.table, "minutes", "minutes", int)
        if not 1 <= minutes <= MOST_MINUTES:
            self.fail("minutes", f"must be 1 to {MOST_MINUTES}")
        return minutes

    def _keywords(self) -> dict[str, tuple[str, ...]]:
        table = self._of(self.table, "keywords", "keywords", dict)
        self._same_languages(table, "keywords")
        return {language: tuple(words) for language, words in table.items()}

    def _words(self, key: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
        words = self._list(key)
        for word in words:
            if not isinstance(word, str) or not pattern.fullmatch(word):
                self.fail(key, f"{word!r} is not of the form {pattern.pattern}")
        return tuple(words)

    def _list(self, key: str) -> list[Any]:
        rows = self._of(self.table, key, key, list)
        if not rows:
            self.fail(key, "is empty")
        return rows

    def _texts(self, table: dict[str, Any], name: str, at: str = "") -> dict[str, str]:
        key = f"{at}.{name}" if at else name
        texts = self._of(table, name, key, dict)
        self._same_languages(texts, key)
        for language, text in texts.items():
            if not isinstance(text, str) or not text.strip():
                self.fail(f"{key}.{language}", "is empty")
        return texts

    def _same_languages(self, texts: dict[str, Any], key: str) -> None:
        for language in (*self.languages, *texts):
            if not LANGUAGE.fullmatch(language) or language not in texts:
                self.fail(f"{key}.{language}", "missing")
            if language not in self.languages:
                self.fail(f"{key}.{language}", "the title has no such language")

    def _matching(
        self, table: dict[str, Any], name: str, pattern: re.Pattern[str], at: str = ""
    ) -> str:
        key = f"{at}.{name}" if at else name
        text = self._of(table, name, key, str)
        if not pattern.fullmatch(text):
            self.fail(key, f"{text!r} is not of the form {pattern.pattern}")
        return text

    def _one_of(self, value: Any, key: str, choices: tuple[str, ...]) -> str:
        if value not in choices:
            self.fail(key, f"must be one of {', '.join(each or 'nothing' for each in choices)}")
        return value

    def _of(self, table: dict[str, Any], name: str, key: str, wanted: type) -> Any:
        if name not in table:
            self.fail(key, "missing")
        value = table[name]
        if not isinstance(value, wanted) or isinstance(value, bool):
            self.fail(key, f"must be of type {wanted.__name__}")
        return value

    def _only(self, table: dict[str, Any], known: set[str], at: str) -> None:
        for name in table.keys() - known:
            self.fail(f"{at}{name}", "unknown key")
