"""ManualTaskGuide: a task by hand, step by step, with proof at the end."""

from datetime import datetime
from uuid import UUID

from local.guidance.engine import GuideRow, GuideShown, Proof
from local.guidance.models import GuideRun
from local.guidance.selectors import guide_for, guide_rows, guide_shown
from local.guidance.services import run_finish, run_start, run_stop, step_tick
from marketing_platform.media.services import Upload

__all__ = ["GuideRow", "GuideShown", "ManualTaskGuide", "Proof"]


class ManualTaskGuide:
    """Named in the registry; made by the factory; works in the acting workspace.

    `subject` tells runs of the same guide apart when a task asked for one ("review:12"); "" is
    the owner's own run. Every method that changes something may be called again.
    """

    def guides(self, language: str, query: str = "") -> list[GuideRow]:
        """The guides a search means, with what is begun first; all of them without a search."""
        return guide_rows(language, query)

    def guide(self, slug: str, language: str, *, subject: str = "") -> GuideShown:
        """One guide with its progress; English with `is_fallback` where the language is missing.

        Raises UnknownGuide.
        """
        return guide_shown(slug, language, subject=subject)

    def guide_for(self, task_kind: str) -> str | None:
        """The slug of the guide that does a kind of task by hand, or None."""
        return guide_for(task_kind)

    def start(
        self, slug: str, *, now: datetime, actor_id: UUID | None = None, subject: str = ""
    ) -> GuideRun:
        """Raises UnknownGuide."""
        return run_start(slug=slug, now=now, actor_id=actor_id, subject=subject)

    def step_done(
        self,
        slug: str,
        step: str,
        *,
        now: datetime,
        is_done: bool = True,
        actor_id: UUID | None = None,
        subject: str = "",
    ) -> GuideRun:
        """Tick a step, or take it back with is_done=False. Raises UnknownGuide or UnknownStep."""
        return step_tick(
            slug=slug, step=step, is_done=is_done, now=now, actor_id=actor_id, subject=subject
        )

    def finish(
        self,
        slug: str,
        proof: Proof,
        *,
        now: datetime,
        photo: Upload | None = None,
        actor_id: UUID | None = None,
        subject: str = "",
    ) -> GuideRun:
        """Close the run with proof. Raises NotStarted, StepsLeft or what is wrong with the proof:
        ProofMissing, ProofLinkWrong, ProofNumberWrong, PhotoRefused."""
        return run_finish(
            slug=slug, proof=proof, photo=photo, now=now, actor_id=actor_id, subject=subject
        )

    def stop(self, slug: str, *, subject: str = "") -> None:
        """Forget what is ticked in the open run."""
        run_stop(slug=slug, subject=subject)
