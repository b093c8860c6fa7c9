from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from marketing_platform.legal import documents
from marketing_platform.legal.checks import check_complaints_officer
from marketing_platform.legal.models import Acceptance
from marketing_platform.legal.selectors import not_yet_accepted
from marketing_platform.legal.services import acceptance_record
from marketing_platform.users.models import User

pytestmark = pytest.mark.django_db
HOST = {"HTTP_HOST": "localhost"}
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def accept(user: User, place: str = "sign_up") -> None:
    acceptance_record(user_id=user.pk, place=place, language="hi", address="192.0.2.1", now=NOW)


def test_each_page_is_kept_with_version_time_and_language(asha: User) -> None:
    accept(asha)

    rows = Acceptance.objects.filter(user_id=asha.pk).order_by("document")
    assert [(row.document, row.version, row.language, row.accepted_at) for row in rows] == [
        ("data-processing", date(2026, 11, 23), "hi", NOW),
        ("privacy", date(2026, 11, 23), "hi", NOW),
        ("terms", date(2026, 11, 23), "hi", NOW),
    ]
    assert "192.0.2.1" not in str(rows.values())


def test_a_second_time_adds_nothing(asha: User) -> None:
    accept(asha)
    accept(asha, place="again")

    assert set(Acceptance.objects.values_list("place", flat=True)) == {"sign_up"}


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_refuses_changes(asha: User, act: str) -> None:
    accept(asha)

    with pytest.raises(DatabaseError, match="only added"), transaction.atomic():
        rows = Acceptance.objects.all()
        rows.update(language="en") if act == "update" else rows.delete()


def test_a_new_version_is_asked_for_and_stops_nothing(
    asha: User, session_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(asha)
    newer = documents.to_accept() | {"terms": date(2027, 1, 1)}
    for place in ("selectors", "services"):
        monkeypatch.setattr(f"marketing_platform.legal.{place}.to_accept", lambda: newer)
    browser = session_for(asha)

    assert "Our terms have changed." in browser.get("/my/").content.decode()
    assert not_yet_accepted(asha.pk) == {"terms": date(2027, 1, 1)}
    answer = browser.post("/legal/agree/?next=/my/")

    assert (answer.status_code, answer["Location"]) == (302, "/my/")
    assert not_yet_accepted(asha.pk) == {}


def test_a_stranger_agrees_to_nothing() -> None:
    answer = Client().post("/legal/agree/", **HOST)

    assert answer["Location"] == "/sign-in/?next=/legal/agree/"
    assert not Acceptance.objects.exists()


def test_an_installation_without_a_complaints_officer_is_told(settings: Any) -> None:
    settings.GRIEVANCE_OFFICER_NAME, settings.GRIEVANCE_OFFICER_EMAIL = "", "help@nukkad.example"

    assert [found.id for found in check_complaints_officer()] == ["legal.W001"]
    settings.GRIEVANCE_OFFICER_NAME = "Leela Naik"
    assert check_complaints_officer() == []
