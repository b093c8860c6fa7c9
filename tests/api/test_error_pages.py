import pytest
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.test import Client, RequestFactory
from redis.exceptions import ConnectionError, ResponseError

from marketing_platform.api.error_pages import PlatformErrorMiddleware
from marketing_platform.core.errors import Conflict, LimitReached
from marketing_platform.core.support_code import support_code
from marketing_platform.users.models import User


def answer(error: Exception, path: str = "/settings/") -> object:
    request: HttpRequest = RequestFactory().get(path)
    request.request_id, request.host_kind = "trace-0001", "workspace"
    return PlatformErrorMiddleware(lambda request: None).process_exception(request, error)


def test_an_expected_error_of_a_view_is_a_page_with_its_status() -> None:
    page = answer(Conflict())

    assert page.status_code == 409
    assert "This was changed elsewhere. Load the page again." in page.content.decode()
    assert support_code("trace-0001") in page.content.decode()


def test_under_the_api_it_is_a_problem() -> None:
    problem = answer(Conflict(), "/api/local/x")

    assert (problem.status_code, problem["Content-Type"]) == (409, "application/problem+json")


def test_a_limit_says_when_to_come_back() -> None:
    assert answer(LimitReached(limit="tries", retry_after=30))["Retry-After"] == "30"


def test_what_an_error_says_is_text_and_not_markup() -> None:
    assert "<b>" not in answer(Conflict("<b>%(x)s</b>", x="1")).content.decode()


@pytest.mark.parametrize("error", [ValueError("a mistake of ours"), ResponseError("wrong command")])
def test_other_errors_go_on_to_django(error: Exception) -> None:
    assert answer(error) is None


@pytest.mark.django_db
@pytest.mark.parametrize("selected", ["x", "\0", "00000000-0000-0000-0000-000000000007\0"])
def test_the_staffs_list_refuses_a_choice_that_is_no_id(selected: str) -> None:
    User.objects.create_superuser("staff@x.example", "a long staff password", full_name="Staff")
    staff = Client(HTTP_HOST="admin.localhost")
    staff.post("/login/", {"email": "staff@x.example", "password": "a long staff password"})
    chosen = {"action": "block", "_selected_action": [selected], "reason": "for a good reason"}

    assert staff.post("/tenants/tenant/", chosen).status_code == 400


def test_elsewhere_a_mistake_in_a_model_is_a_mistake_of_ours() -> None:
    assert answer(ValidationError("wrong")) is None


def test_a_redis_that_is_away_is_not_an_error_of_ours() -> None:
    page = answer(ConnectionError("refused"))

    assert page.status_code == 503
    assert "This does not work just now. Please try again in a minute." in page.content.decode()
