"""A guide in one language, with its links and its progress."""

from collections.abc import Mapping

from local.guidance.engine.contracts import (
    FALLBACK_LANGUAGE,
    EvidenceShown,
    FailShown,
    Guide,
    GuideRow,
    GuideShown,
    Progress,
    Step,
    StepShown,
)

NOTHING: frozenset[str] = frozenset()


def language_for(guide: Guide, wanted: str) -> str:
    return wanted if wanted in guide.languages else FALLBACK_LANGUAGE


def shown(
    guide: Guide, language: str, links: Mapping[str, str], progress: Progress | None
) -> GuideShown:
    """The guide in `language`, or in English with `is_fallback`. `links` fill places such as
    {review_link}; a place that nothing fills has no link."""
    said = language_for(guide, language)
    ticked = progress.ticked if progress else NOTHING
    steps = tuple(
        _step(step, number, said, links, ticked) for number, step in enumerate(guide.steps, 1)
    )
    evidence = guide.evidence
    return GuideShown(
        slug=guide.slug,
        language=said,
        is_fallback=said != language,
        icon=guide.icon,
        title=guide.title[said],
        summary=guide.summary[said],
        minutes=guide.minutes,
        verified_on=guide.verified_on,
        sources=guide.sources,
        tool=guide.tool,
        kinds=guide.kinds,
        version=guide.version,
        steps=steps,
        evidence=EvidenceShown(
            evidence.kind,
            evidence.label[said],
            evidence.help.get(said, ""),
            evidence.hosts,
            evidence.most,
        ),
        fails=tuple(FailShown(each.symptom[said], each.fix[said]) for each in guide.fails),
        run_id=progress.run_id if progress else "",
        is_started=progress is not None,
        is_changed=progress is not None and progress.version != guide.version,
        done_count=sum(step.is_done for step in steps),
        current=next((step.key for step in steps if not step.is_done), ""),
    )


def row(guide: Guide, language: str, progress: Progress | None, last: Progress | None) -> GuideRow:
    """The guide in the list; `progress` of the open run, `last` of the one finished last."""
    said = language_for(guide, language)
    ticked = progress.ticked if progress else NOTHING
    return GuideRow(
        slug=guide.slug,
        icon=guide.icon,
        title=guide.title[said],
        summary=guide.summary[said],
        minutes=guide.minutes,
        step_count=len(guide.steps),
        done_count=sum(step.key in ticked for step in guide.steps),
        is_started=progress is not None,
        finished_at=last.finished_at if last else None,
    )


def _step(
    step: Step, number: int, language: str, links: Mapping[str, str], ticked: frozenset[str]
) -> StepShown:
    is_place = step.link.startswith("{")
    return StepShown(
        key=step.key,
        number=number,
        text=step.text[language],
        hint=step.hint[language],
        check=step.check[language],
        link=links.get(step.link.strip("{}"), "") if is_place else step.link,
        path=step.path,
        is_done=step.key in ticked,
    )
