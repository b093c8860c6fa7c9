"""From claims to finished sentences; and the guard that lets no untraced number through."""

import re
from collections.abc import Callable, Iterable, Mapping

from enterprise.market_intelligence.engine.wording import named
from enterprise.strategic_synthesizer.engine.contracts import (
    Brief,
    Claim,
    Evidence,
    Figure,
    Filling,
    Name,
    Phrase,
    Run,
    Several,
    Word,
)
from enterprise.strategic_synthesizer.engine.numbers import day, shown
from enterprise.strategic_synthesizer.errors import UntracedNumber

Translate = Callable[[str], str]
PLACE = re.compile(r"%\((\w+)\)s")
# A number as people read one: digits of any script with their separators and sign.
NUMBER = re.compile(r"[−-]?\d(?:[\d,.]*\d)?")
SPELT_OUT = re.compile(r"\d")


def sentence(
    claim: Claim, evidence: Mapping[str, Evidence], *, language: str, translate: Translate
) -> tuple[Run, ...]:
    """The claim in a language, in pieces. Raises UntracedNumber for a digit in the text or in a
    word of ours, and for a figure without its evidence.
    """
    text = translate(claim.message).replace("%%", "%")
    runs: list[Run] = []
    end = 0
    for place in PLACE.finditer(text):
        runs.append(Run(_without_digits(text[end : place.start()])))
        runs.append(filled(claim.filled[place[1]], evidence, language, translate))
        end = place.end()
    runs.append(Run(_without_digits(text[end:])))
    return tuple(run for run in runs if run.text)


def filled(
    filling: Filling, evidence: Mapping[str, Evidence], language: str, translate: Translate
) -> Run:
    if isinstance(filling, Figure):
        found = evidence.get(filling.evidence_id)
        if found is None:
            raise UntracedNumber(number=filling.evidence_id)
        return Run(shown(found, filling, language), found.id)
    if isinstance(filling, Word):
        return Run(_without_digits(translate(filling.message)))
    if isinstance(filling, Phrase):
        return Run(_phrase(filling, translate))
    if isinstance(filling, Several):
        return Run(_listed(filling.phrases, translate))
    return Run(named(filling.text, translate))


def _phrase(phrase: Phrase, translate: Translate) -> str:
    text = translate(phrase.message)
    _without_digits(PLACE.sub("", text))
    names = {place: named(name, translate) for place, name in phrase.names}
    return text % names if names else text


def _listed(phrases: Iterable[Phrase], translate: Translate) -> str:
    return ", ".join(_phrase(each, translate) for each in phrases)


def metric_of(evidence: Evidence, translate: Translate) -> str:
    """What was measured, in a language."""
    text = translate(evidence.metric)
    _without_digits(PLACE.sub("", text))
    about = _listed(evidence.group, translate) or named(evidence.about, translate)
    return PLACE.sub(lambda _place: about, text)


def plain(runs: Iterable[Run]) -> str:
    return "".join(run.text for run in runs)


def untraced(
    texts: Iterable[str], brief: Brief, *, language: str, also: Iterable[str] = ()
) -> list[str]:
    """The numbers in finished texts (of a page, a PDF, slides) that no evidence explains.

    Every way in which the brief may write a traced number is known; names of the client's data,
    run hashes and the brief's own day are taken out before looking. `also` are further texts that
    are not measurements, such as page numbers.
    """
    known = sorted(known_texts(brief, language) | set(also), key=len, reverse=True)
    # A known text counts only where no digit goes on before or after it.
    pattern = re.compile(
        "|".join(rf"(?<!\d)(?<!\d[.,]){re.escape(each)}(?!\d|[.,]\d)" for each in known) or r"(?!)"
    )
    return [
        number for text in texts for number in NUMBER.findall(pattern.sub(" ", _one_space(text)))
    ]


def names_of(brief: Brief) -> set[str]:
    found = {brief.company.text}
    found |= {each.about for each in brief.evidence} | {each.method for each in brief.evidence}
    found |= {name for each in brief.evidence for one in each.group for _place, name in one.names}
    for section in brief.sections:
        for claim in (*section.claims, brief.headline):
            for each in claim.filled.values():
                if isinstance(each, Name):
                    found.add(each.text)
                elif isinstance(each, Phrase):
                    found |= {name for _place, name in each.names}
                elif isinstance(each, Several):
                    found |= {name for one in each.phrases for _place, name in one.names}
        for row in section.table.rows if section.table else ():
            found |= {row.name.text} if isinstance(row.name, Name) else set()
    # What stands around a word of ours in a name, too: the word is said in another language.
    return {part for each in found if each for part in (each, *each.split(" · "))}


def known_texts(brief: Brief, language: str) -> set[str]:
    """Every way in which the brief may write something that holds a number."""
    known = {day(brief.dated_on, language)}
    for each in brief.evidence:
        parts = ["value", "rows", "as_of", *(["level"] if each.level else [])]
        parts += ["happened_on"] if each.happened_on else []
        if each.low is not None and each.high is not None:
            parts += ["low", "high", "interval"]
        known |= {shown(each, Figure(each.id, part), language) for part in parts}
        known |= {each.run_hash, each.run_hash[:16], each.rows_hash, each.rows_hash[:16]}
    known |= {name for name in names_of(brief) if SPELT_OUT.search(name)}
    return {_one_space(each) for each in known if each}


def _one_space(text: str) -> str:
    return " ".join(text.split())


def _without_digits(text: str) -> str:
    found = SPELT_OUT.search(text)
    if found:
        raise UntracedNumber(number=found[0])
    return text
