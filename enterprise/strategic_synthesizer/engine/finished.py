"""A brief in a language, finished: what page, PDF and slides show. Nothing formats after."""

from dataclasses import dataclass

from enterprise.strategic_synthesizer.engine.contracts import Brief, Evidence, Figure, Run
from enterprise.strategic_synthesizer.engine.numbers import day, interval, number, shown
from enterprise.strategic_synthesizer.engine.rendering import (
    Translate,
    filled,
    metric_of,
    plain,
    sentence,
    untraced,
)
from enterprise.strategic_synthesizer.errors import UntracedNumber
from marketing_platform.core.text import mark as _

SHORT_HASH = 16
TITLE, SAMPLE_TITLE = _("Marketing brief"), _("Marketing brief (sample data)")


@dataclass(frozen=True)
class FinishedRow:
    name: str
    figures: tuple[Run, ...]


@dataclass(frozen=True)
class FinishedTable:
    columns: tuple[str, ...]
    rows: tuple[FinishedRow, ...]


@dataclass(frozen=True)
class FinishedSection:
    key: str
    title: str
    claims: tuple[tuple[Run, ...], ...]
    table: FinishedTable | None


@dataclass(frozen=True)
class EvidenceRow:
    """One piece of evidence as it is read. `run` is the start of its run hash."""

    id: str
    metric: str
    value: str
    interval: str
    level: str
    rows: str
    as_of: str
    source: str
    method: str
    run: str
    happened_on: str


@dataclass(frozen=True)
class Finished:
    language: str
    company: str
    title: str
    dated: str
    headline: tuple[Run, ...]
    sections: tuple[FinishedSection, ...]
    evidence: tuple[EvidenceRow, ...]

    def texts(self) -> list[str]:
        """Every text of it, for the guard."""
        found = [self.company, self.title, self.dated, plain(self.headline)]
        for section in self.sections:
            found += [section.title, *(plain(claim) for claim in section.claims)]
            if section.table:
                found += section.table.columns
                for row in section.table.rows:
                    found += [row.name, *(run.text for run in row.figures)]
        return found


def finish(brief: Brief, *, language: str, translate: Translate) -> Finished:
    """Raises UntracedNumber when a number in any text has no evidence."""
    evidence = {each.id: each for each in brief.evidence}
    sections = []
    for section in brief.sections:
        claims = [
            sentence(claim, evidence, language=language, translate=translate)
            for claim in section.claims
        ]
        table = None
        if section.table:
            rows = [
                FinishedRow(
                    filled(row.name, evidence, language, translate).text,
                    tuple(filled(each, evidence, language, translate) for each in row.figures),
                )
                for row in section.table.rows
            ]
            columns = tuple(translate(each) for each in section.table.columns)
            table = FinishedTable(columns, tuple(rows))
        title = translate(section.title)
        sections.append(FinishedSection(section.key, title, tuple(claims), table))
    finished = Finished(
        language=language,
        company=brief.company.text,
        title=translate(SAMPLE_TITLE if brief.is_sample else TITLE),
        dated=day(brief.dated_on, language),
        headline=sentence(brief.headline, evidence, language=language, translate=translate),
        sections=tuple(sections),
        evidence=tuple(_row(each, language, translate) for each in brief.evidence),
    )
    wrong = untraced(finished.texts(), brief, language=language)
    if wrong:
        raise UntracedNumber(number=wrong[0])
    return finished


def _row(evidence: Evidence, language: str, translate: Translate) -> EvidenceRow:
    has_interval = evidence.low is not None and evidence.high is not None
    level = shown(evidence, Figure(evidence.id, "level"), language) if evidence.level else ""
    return EvidenceRow(
        id=evidence.id,
        metric=metric_of(evidence, translate),
        value=shown(evidence, Figure(evidence.id), language),
        interval=interval(evidence, language) if has_interval else "",
        level=level,
        rows=number(evidence.rows),
        as_of=day(evidence.as_of, language),
        source=translate(evidence.source),
        method=evidence.method,
        run=evidence.run_hash[:SHORT_HASH],
        happened_on=day(evidence.happened_on, language) if evidence.happened_on else "",
    )
