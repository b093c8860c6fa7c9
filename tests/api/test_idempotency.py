from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from marketing_platform.api import idempotency
from marketing_platform.api.keys import key_create
from marketing_platform.api.models import RememberedAnswer
from marketing_platform.core import clock
from marketing_platform.tenants.models import Tenant

ROUTE = "/api/local/intelligence"


@pytest.fixture
def key(local_tenant: Tenant, db: None) -> str:
    _row, text = key_create(
        tenant=local_tenant,
        name="K",
        scopes=("read", "write"),
        is_test=True,
        created_by_id=None,
        expires_at=None,
        now=clock.now(),
    )
    return text


def post(key: str, idempotency_key: str, body: str = "{}", path: str = ROUTE) -> object:
    return Client(raise_request_exception=False).post(
        path,
        data=body,
        content_type="application/json",
        HTTP_HOST="localhost",
        HTTP_AUTHORIZATION=f"Bearer {key}",
        HTTP_IDEMPOTENCY_KEY=idempotency_key,
    )


@pytest.mark.django_db
def test_a_repeat_is_answered_from_memory(key: str) -> None:
    first = post(key, "order-0001")
    second = post(key, "order-0001")

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert RememberedAnswer.objects.count() == 1


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_422(key: str) -> None:
    post(key, "order-0002")
    other = post(key, "order-0002", '{"days": 7}')

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.django_db
def test_a_first_request_still_running_is_409(key: str) -> None:
    post(key, "order-0003")
    RememberedAnswer.objects.update(status=None)
    answer = post(key, "order-0003")

    assert (answer.status_code, answer.json()["code"]) == (409, "request_in_flight")


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", ["short", "x" * 65, "with space", "semi;colon-"])
def test_a_wrong_idempotency_key_names_the_header(key: str, wrong: str) -> None:
    answer = post(key, wrong)

    assert (answer.status_code, answer.json()["field"]) == (400, "Idempotency-Key")


@pytest.mark.django_db
def test_with_and_without_the_final_slash_is_the_same_request(key: str) -> None:
    first = post(key, "order-0005")
    second = post(key, "order-0005", path=f"{ROUTE}/")

    assert (first.status_code, second.status_code) == (200, 200)
    assert second["Idempotency-Replayed"] == "true"


@pytest.mark.django_db
def test_a_body_that_is_refused_is_remembered_as_refused(key: str) -> None:
    answers = [post(key, "order-0006", r'{"\ud800": 1}') for _ in range(2)]

    assert [(a.status_code, a.json()["code"]) for a in answers] == [(400, "parse_error")] * 2
    assert answers[1]["Idempotency-Replayed"] == "true"


@pytest.mark.django_db
def test_an_answer_that_cannot_be_stored_leaves_no_claim(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "_plain_json", lambda content: {"half": "\ud800"})
    assert post(key, "order-0007").status_code == 500
    assert RememberedAnswer.objects.count() == 0

    monkeypatch.undo()
    assert post(key, "order-0007").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_parallel_repeats_make_one_row(key: str) -> None:
    def go(_number: int) -> int:
        try:
            return post(key, "order-0004").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(go, range(12)))

    assert answers <= {200, 409}
    assert RememberedAnswer.objects.filter(key="order-0004").count() == 1
