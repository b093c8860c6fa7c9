"""Which of the written languages a reader is shown. Plain Python."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

Said = TypeVar("Said")
WRITTEN = ("en", "hi", "mr")
# Who reads Marathi reads Devanagari: Hindi stands nearer than English.
NEAREST = {"mr": ("mr", "hi"), "hi": ("hi",)}


def shown_language(language: str | None, written: Sequence[str] = WRITTEN) -> str:
    """The reader's own language where the content has it, else the nearest, else English.

    `language` is a code as of the interface ("hi", "mr-in"; None: nothing is active), `written`
    what the content exists in.
    """
    code = (language or "en").partition("-")[0]
    return next((near for near in NEAREST.get(code, ()) if near in written), "en")


def said_in(language: str | None, texts: Mapping[str, Said]) -> Said:
    """What stands in the reader's own language, else in the nearest that is there.

    For texts that were kept before a language was added.
    """
    return texts[shown_language(language, tuple(texts))]
