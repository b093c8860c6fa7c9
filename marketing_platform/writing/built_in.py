"""The built-in composer: fills, joins and fits the draft. No network, no chance, no Django."""

import re
from collections.abc import Callable, Mapping, Sequence

from marketing_platform.writing.contracts import Part, WritingBrief, WrittenText, count_characters

_PLACE = re.compile(r"\{([a-z_]+)\}")


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Replace `{fact}` once; what a fact holds is never read as a place itself."""
    return _PLACE.sub(lambda match: facts.get(match[1], match[0]), text)


def places(text: str) -> tuple[str, ...]:
    """The names of unfilled places."""
    return tuple(_PLACE.findall(text))


def fit(
    parts: Sequence[Part],
    limit: int,
    *,
    separator: str = " ",
    measure: Callable[[str], int] = count_characters,
) -> str:
    """Join the parts, dropping those of the highest rank until the whole fits.

    If even the parts of rank 0 are too long, they are cut at a sentence or a word.
    """
    kept = [part for part in parts if part.text.strip()]
    while kept:
        text = separator.join(part.text.strip() for part in kept)
        if measure(text) <= limit:
            return text
        highest = max(part.rank for part in kept)
        if highest == 0:
            return shortened(text, limit, measure=measure)
        last = max(index for index, part in enumerate(kept) if part.rank == highest)
        kept.pop(last)
    return ""


def shortened(text: str, limit: int, *, measure: Callable[[str], int] = count_characters) -> str:
    """The text cut after a whole sentence if at least half remains, else after a word and '…'."""
    if measure(text) <= limit:
        return text
    sentences = re.split(r"(?<=[.!?।])\s+", text)
    whole = ""
    for sentence in sentences:
        longer = f"{whole} {sentence}".strip()
        if measure(longer) > limit:
            break
        whole = longer
    if measure(whole) * 2 >= limit:
        return whole
    words = text.split(" ")
    while words and measure(" ".join(words) + "…") > limit:
        words.pop()
    if words:
        return " ".join(words) + "…"
    clipped = text
    while clipped and measure(clipped + "…") > limit:
        clipped = clipped[:-1]
    return clipped + "…" if clipped else ""


class BuiltInCopywriter:
    """Writes the draft as it stands; the same brief gives the same text."""

    def write(self, brief: WritingBrief) -> WrittenText:
        filled = [Part(fill(part.text, brief.facts), part.rank) for part in brief.parts]
        text = fit(filled, brief.limit, separator=brief.separator, measure=brief.measure)
        return WrittenText(text, writer="built_in")

    def write_all(self, briefs: Sequence[WritingBrief]) -> list[WrittenText]:
        return [self.write(brief) for brief in briefs]
