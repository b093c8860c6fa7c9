from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client

from marketing_platform.api.limits import limit_per_minute
from marketing_platform.core.errors import LimitReached
from marketing_platform.tenants.models import Tenant


def test_a_limit_holds_under_parallel_calls() -> None:
    def hit(_number: int) -> bool:
        try:
            limit_per_minute("a test", "somebody", 10)
        except LimitReached:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        passed = sum(pool.map(hit, range(80)))

    assert passed == 10


@pytest.mark.django_db
def test_a_limit_answer_says_which_and_when(
    local_tenant: Tenant, settings: object, api_key: object
) -> None:
    settings.API_REQUESTS_PER_MINUTE = 1
    headers = {"HTTP_HOST": "localhost", "HTTP_AUTHORIZATION": f"Bearer {api_key(local_tenant)}"}
    for _ in range(2):
        answer = Client().post(
            "/api/local/intelligence", data="{}", content_type="application/json", **headers
        )

    assert answer.status_code == 429
    assert answer.json()["limit"] == "API requests per minute"
    assert 1 <= int(answer["Retry-After"]) <= 60


@pytest.mark.django_db
def test_without_redis_the_api_says_that_it_cannot_answer_now(
    local_tenant: Tenant, api_key: object, redis_away: None
) -> None:
    answer = Client().post(
        "/api/local/intelligence",
        data="{}",
        content_type="application/json",
        HTTP_HOST="localhost",
        HTTP_AUTHORIZATION=f"Bearer {api_key(local_tenant)}",
    )

    assert (answer.status_code, answer.json()["code"]) == (503, "service_away")
