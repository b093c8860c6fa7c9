"""What a person is shown when they agree, by purpose and language, with a version.

`content/wordings.toml` holds them. A changed text is a new version; what was shown is stored whole.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

IMPORT_DECLARATION = "import_declaration"
CONTENT = Path(__file__).parent.parent / "content" / "wordings.toml"


@dataclass(frozen=True)
class Wording:
    text: str
    version: str
    language: str


def wording_of(purpose: str, *, shop: str, language: str) -> Wording:
    """In the language, or in English when we have no words for it."""
    rows = _rows()
    texts = rows[purpose]
    code = language if language in texts else "en"
    return Wording(texts[code].replace("{shop}", shop), rows["version"], code)


@cache
def _rows() -> dict:
    return tomllib.loads(CONTENT.read_text(encoding="utf-8"))
