import io
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from PIL import Image

from local.guidance.engine import Proof, guides
from local.guidance.errors import (
    NotStarted,
    ProofLinkWrong,
    ProofMissing,
    StepsLeft,
    UnknownGuide,
    UnknownStep,
)
from local.guidance.front_door import ManualTaskGuide
from local.guidance.models import GuideRun, GuideStepDone
from local.guidance.selectors import guide_for, run_last_finished
from marketing_platform.media.errors import PhotoRefused
from marketing_platform.tenants.context import tenant_context

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_local_workspace")]
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
DOOR = ManualTaskGuide()


def tick_all(slug, subject=""):
    for step in guides()[slug].steps:
        DOOR.step_done(slug, step.key, now=NOW, subject=subject)


def picture() -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (60, 40), "#336699").save(made, "PNG")
    made.seek(0)
    return made


def test_starting_twice_goes_on_with_the_same_run():
    first = DOOR.start("google-hours", now=NOW)
    again = DOOR.start("google-hours", now=NOW + timedelta(days=1))
    assert first.pk == again.pk
    assert GuideRun.objects.get().started_at == NOW
    assert first.version == guides()["google-hours"].version


def test_ticks_are_kept_taken_back_and_never_doubled():
    DOOR.step_done("google-hours", "open", now=NOW)
    DOOR.step_done("google-hours", "open", now=NOW)
    DOOR.step_done("google-hours", "holiday", now=NOW)
    guide = DOOR.guide("google-hours", "hi")
    assert (guide.done_count, guide.current, guide.is_started) == (2, "regular", True)
    DOOR.step_done("google-hours", "open", is_done=False, now=NOW)
    DOOR.step_done("google-hours", "open", is_done=False, now=NOW)
    assert list(GuideStepDone.objects.values_list("step", flat=True)) == ["holiday"]


def test_runs_for_two_subjects_are_two_runs():
    DOOR.step_done("google-reply", "draft", now=NOW, subject="review:1")
    assert DOOR.guide("google-reply", "en", subject="review:1").done_count == 1
    assert DOOR.guide("google-reply", "en", subject="review:2").is_started is False
    assert DOOR.guide("google-reply", "en").is_started is False


def test_what_is_not_there_is_refused_and_starts_nothing():
    with pytest.raises(UnknownGuide):
        DOOR.start("no-such-guide", now=NOW)
    with pytest.raises(UnknownStep):
        DOOR.step_done("google-hours", "no-such-step", now=NOW)
    with pytest.raises(NotStarted):
        DOOR.finish("google-hours", Proof(tick=True), now=NOW)
    assert not GuideRun.objects.exists()


def test_a_run_ends_only_with_all_steps_and_its_proof():
    DOOR.step_done("instagram-post", "copy", now=NOW)
    with pytest.raises(StepsLeft) as left:
        DOOR.finish("instagram-post", Proof(url="https://instagram.com/p/a"), now=NOW)
    assert left.value.params == {"left": 3}
    tick_all("instagram-post")
    with pytest.raises(ProofMissing):
        DOOR.finish("instagram-post", Proof(tick=True), now=NOW)
    with pytest.raises(ProofLinkWrong):
        DOOR.finish("instagram-post", Proof(url="https://facebook.com/p/a"), now=NOW)
    assert GuideRun.objects.get().finished_at is None
    run = DOOR.finish("instagram-post", Proof(url="https://instagram.com/p/a"), now=NOW)
    assert (run.evidence_kind, run.url, run.finished_at) == (
        "url",
        "https://instagram.com/p/a",
        NOW,
    )
    assert run_last_finished("instagram-post").pk == run.pk
    with pytest.raises(NotStarted):
        DOOR.finish("instagram-post", Proof(url="https://instagram.com/p/a"), now=NOW)


def test_a_finished_guide_can_be_done_again():
    for day in (0, 7):
        DOOR.start("google-questions", now=NOW + timedelta(days=day))
        tick_all("google-questions")
        DOOR.finish("google-questions", Proof(number=4 + day), now=NOW + timedelta(days=day))
    assert list(GuideRun.objects.order_by("number").values_list("number", flat=True)) == [4, 11]
    (row,) = [each for each in DOOR.guides("en") if each.slug == "google-questions"]
    assert (row.is_started, row.finished_at) == (False, NOW + timedelta(days=7))


def test_a_photo_proves_and_anything_else_does_not():
    tick_all("whatsapp-status")
    for wrong in (None, io.BytesIO(b"<svg></svg>")):
        with pytest.raises(PhotoRefused) as refused:
            DOOR.finish("whatsapp-status", Proof(), photo=wrong, now=NOW)
        assert refused.value.field == "photo"
    run = DOOR.finish("whatsapp-status", Proof(), photo=picture(), now=NOW)
    assert (run.photo.mime_type, run.photo.purpose) == ("image/jpeg", "guide_proof")


def test_stopping_forgets_the_open_run_and_keeps_the_finished():
    tick_all("google-hours")
    DOOR.finish("google-hours", Proof(tick=True), now=NOW)
    DOOR.step_done("google-hours", "open", now=NOW)
    DOOR.stop("google-hours")
    DOOR.stop("google-hours")
    assert GuideRun.objects.get().finished_at == NOW


def test_what_is_begun_stands_first_in_the_list():
    DOOR.step_done("local-boost", "pick", now=NOW)
    first = DOOR.guides("hi")[0]
    assert (first.slug, first.done_count, first.step_count) == ("local-boost", 1, 5)


def test_a_kind_of_task_names_its_guide():
    assert guide_for("whatsapp.broadcast") == "whatsapp-broadcast"
    assert guide_for("nothing.known") is None


@pytest.mark.parametrize(
    "values",
    [
        {"finished_at": NOW},
        {"finished_at": NOW, "evidence_kind": "url"},
        {"finished_at": NOW, "evidence_kind": "photo"},
        {"finished_at": NOW, "evidence_kind": "number"},
        {"evidence_kind": "tick"},
    ],
)
def test_the_database_keeps_no_end_without_proof(values):
    with pytest.raises(IntegrityError, match="a_finished_run_has_its_proof"), transaction.atomic():
        GuideRun.objects.create(slug="google-hours", version="x", started_at=NOW, **values)


@pytest.mark.django_db(transaction=True)
def test_two_phones_ticking_at_once_make_one_run(local_tenant):
    both, errors = threading.Barrier(2), []

    def tick(step):
        try:
            with tenant_context(local_tenant):
                both.wait(timeout=10)
                DOOR.step_done("google-hours", step, now=NOW)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tick, args=(step,)) for step in ("open", "regular")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert errors == []
    assert GuideRun.objects.count() == 1
    assert set(GuideStepDone.objects.values_list("step", flat=True)) == {"open", "regular"}
