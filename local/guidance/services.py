"""Beginning, ticking and finishing guides."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from local.guidance.engine import Guide, Proof
from local.guidance.engine.proof import checked
from local.guidance.errors import NotStarted, StepsLeft, UnknownStep
from local.guidance.models import GuideRun, GuideStepDone
from local.guidance.selectors import guide_of
from marketing_platform.media.services import Upload, image_store


def run_start(
    *, slug: str, now: datetime, actor_id: UUID | None = None, subject: str = ""
) -> GuideRun:
    """Begin the guide, or go on with the run that is open. Raises UnknownGuide."""
    guide = guide_of(slug)
    run, _is_new = GuideRun.objects.get_or_create(
        slug=slug,
        subject=subject,
        finished_at=None,
        defaults={"version": guide.version, "started_at": now, "starter_id": actor_id},
    )
    return run


@transaction.atomic
def step_tick(
    *,
    slug: str,
    step: str,
    is_done: bool,
    now: datetime,
    actor_id: UUID | None = None,
    subject: str = "",
) -> GuideRun:
    """Tick a step or take the tick back; doing either twice changes nothing. Begins the guide.

    Raises UnknownGuide or UnknownStep.
    """
    if step not in {each.key for each in guide_of(slug).steps}:
        raise UnknownStep
    run_start(slug=slug, now=now, actor_id=actor_id, subject=subject)
    run = _open_run(slug, subject)
    if is_done:
        GuideStepDone.objects.get_or_create(
            run=run, step=step, defaults={"done_at": now, "actor_id": actor_id}
        )
    else:
        run.ticks.filter(step=step).delete()
    return run


@transaction.atomic
def run_finish(
    *,
    slug: str,
    proof: Proof,
    photo: Upload | None = None,
    now: datetime,
    actor_id: UUID | None = None,
    subject: str = "",
) -> GuideRun:
    """Close the open run with the proof its guide asks for.

    Raises UnknownGuide, NotStarted, StepsLeft, ProofMissing, ProofLinkWrong, ProofNumberWrong or a
    PhotoRefused that names `photo`.
    """
    guide = guide_of(slug)
    run = _open_run(slug, subject)
    left = _steps_left(guide, run)
    if left:
        raise StepsLeft(left=left)
    proven = checked(guide.evidence, proof)
    if guide.evidence.kind == "photo":
        run.photo = image_store(upload=photo, purpose="guide_proof", actor_id=actor_id)
    run.evidence_kind = guide.evidence.kind
    run.url, run.number = proven.url, proven.number
    run.finished_at, run.finisher_id = now, actor_id
    run.save()
    return run


def run_stop(*, slug: str, subject: str = "") -> None:
    """Forget the open run and its ticks; nothing was proven yet. Stopping twice changes nothing."""
    GuideRun.objects.filter(slug=slug, subject=subject, finished_at__isnull=True).delete()


def _open_run(slug: str, subject: str) -> GuideRun:
    """The open run, held until the transaction ends."""
    runs = GuideRun.objects.select_for_update(of=("self",))
    run = runs.filter(slug=slug, subject=subject, finished_at__isnull=True).first()
    if run is None:
        raise NotStarted
    return run


def _steps_left(guide: Guide, run: GuideRun) -> int:
    ticked = set(run.ticks.values_list("step", flat=True))
    return sum(step.key not in ticked for step in guide.steps)
