"""What RunSQL may not do to a table that people work with. Judges the text alone."""

import re
from collections.abc import Iterator

# Strings, comments and quoted names: no word in them is a command.
_INERT = re.compile(
    r"""(?P<text>\bE'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*')"""
    r"""|(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<name>"(?:[^"]|"")*")""",
    re.DOTALL | re.IGNORECASE,
)
_DYNAMIC = re.compile(r"\bexecute\b(?!\s+(?:function|procedure|on)\b)", re.I)
_START = r"(?:\A|;|\$|\b(?:begin|then|else|loop)\b)\s*"
_SCHEMA = re.compile(r"""(?<!\w)("?)(?:public|t_[0-9a-z]{26})\1\s*\.""", re.I)
_EXTENSION = re.compile(r"\bcreate\s+extension\b", re.I)
_CONTRACTING = re.compile(
    r"\bdrop\s+(?:table|column|view|materialized\s+view|type|sequence)\b"
    r"|\brename\s+(?!constraint\b)(?:(?:column\s+)?\w+\s+)?to\b|\brename\s+(?:column|value)\b"
    rf"|\bset\s+not\s+null\b|{_START}truncate\b",
    re.I,
)
_BLOCKING = re.compile(
    r"\bcreate\s+(?:unique\s+)?index\b|\bvacuum\s+full\b"
    rf"|{_START}(?:cluster|reindex|lock)\b",
    re.I,
)
_CONCURRENTLY = re.compile(r"\bindex\s+concurrently\b|\breindex\b[^;]*\bconcurrently\b", re.I)
_ALTER_TABLE = re.compile(
    r"\balter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?[\w.$]+\s*\*?\s+(?P<actions>[^;]*)", re.I
)
_DROPPED_COLUMN = re.compile(
    r"drop\s+(?!(?:constraint|default|not|expression|identity)\b)\w+", re.I
)
_NOT_VALID = re.compile(r"add\s+(?:constraint|check|foreign)\b.*\bnot\s+valid\s*", re.I | re.DOTALL)
_VALIDATE = re.compile(r"validate\s+constraint\s+\w+\s*", re.I)
_COLUMN = re.compile(
    r"add\s+(?!(?:constraint|foreign|primary|unique|check|exclude)\b)(?:column\s+)?\w+(?P<rest>.*)",
    re.I | re.DOTALL,
)
_NOT_PLAIN = re.compile(
    r"\bnot\s+null\b|\b(?:default|primary|unique|references|check|generated|constraint"
    r"|(?:big|small)?serial[248]?)\b",
    re.I,
)


def sql_findings(text: str, *, has_reason: bool, is_small: bool) -> Iterator[tuple[str, str]]:
    """Rule and sentence of each thing that is wrong with the statements."""
    if _SCHEMA.search(_without(text, names=False)):
        yield "schema", "RunSQL names a schema. Workspaces differ in it: leave the name out."
    plain = _without(text, names=True)
    if _DYNAMIC.search(plain):
        # What EXECUTE runs stands in a string.
        plain = text.replace('"', "").replace("'", ";")
    if _EXTENSION.search(plain):
        yield "extension", "Extensions are not used: the embedded PostgreSQL has none."
    actions = [action for found in _ALTER_TABLE.finditer(plain) for action in _actions(found)]
    is_contracting = _CONTRACTING.search(plain) or any(map(_DROPPED_COLUMN.match, actions))
    if is_contracting and not has_reason:
        yield "contract", 'RunSQL takes away what old code needs. Say contract = "why not".'
    elif not (has_reason or is_small or all(map(_is_harmless, actions))):
        yield (
            "alter",
            "ALTER TABLE may scan or rewrite the table under a lock. Only a plain nullable column,"
            " NOT VALID and VALIDATE pass. Use the operations, or say small_table or contract.",
        )
    if _CONCURRENTLY.search(plain):
        yield "index", "CONCURRENTLY is not for RunSQL: a kill leaves half. AddIndexConcurrently."
    elif _BLOCKING.search(plain) and not is_small:
        yield "index", "RunSQL locks a table for the time of a scan. Use AddIndexConcurrently."


def _without(text: str, *, names: bool) -> str:
    """The text with empty strings, without comments and, if asked, with plain names."""

    def inert(found: re.Match[str]) -> str:
        if found["comment"]:
            return " "
        if found["text"]:
            return "''"
        return "quoted" if names else found[0]

    return _INERT.sub(inert, text)


def _actions(statement: re.Match[str]) -> list[str]:
    """The parts of an ALTER TABLE, which commas outside parentheses set apart."""
    parts, depth = [""], 0
    for letter in statement["actions"]:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _is_harmless(action: str) -> bool:
    if _NOT_VALID.fullmatch(action) or _VALIDATE.fullmatch(action):
        return True
    column = _COLUMN.fullmatch(action)
    return column is not None and not _NOT_PLAIN.search(column["rest"])
