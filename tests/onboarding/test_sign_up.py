"""Sign-up of both tiers through the pages, with a real schema at the end."""

import re
from typing import Any

import pytest
from django.test import Client

from billing.models import Subscription
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.services import work_run
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.users.models import Membership, User

pytestmark = pytest.mark.django_db
HOST = {"HTTP_HOST": "localhost"}
BUSINESS = {"name": "Rani Salon", "category": "salon", "city": "pune", "languages": ["en", "hi"]}


def last_code() -> str:
    return re.search(r"\d{6}", OutgoingMessage.objects.filter(kind="code").first().text).group()


def post(browser: Client, path: str, data: dict[str, Any]) -> Any:
    return browser.post(path, data, **HOST)


def signed_up(browser: Client, phone: str = "88888 00011") -> Client:
    post(browser, "/start/local/", {"full_name": "Rani", "phone": phone})
    answer = post(browser, "/start/code/", {"code": last_code()})
    assert answer["Location"] == "/start/business/"
    return browser


def with_business(browser: Client, **changes: Any) -> Tenant:
    answer = post(browser, "/start/business/", {**BUSINESS, **changes})
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return Tenant.objects.order_by("-created_at").first()


def run_due_work() -> None:
    for pk in DueWork.objects.filter(done_at=None, dead_at=None).values_list("pk", flat=True):
        work_run(pk)


def test_a_shop_signs_up_and_its_trial_opens_a_workspace() -> None:
    browser = signed_up(Client())
    tenant = with_business(browser)
    assert tenant.state == State.PENDING

    answer = post(browser, "/start/plan/", {"period": "monthly", "action": "trial"})
    assert answer["Location"] == f"/start/waiting/{tenant.pk}/"
    run_due_work()

    tenant.refresh_from_db()
    assert tenant.state == State.ACTIVE
    assert Subscription.objects.get(tenant=tenant).state == "trialing"
    status = browser.get(f"/start/waiting/{tenant.pk}/status/", **HOST)
    assert (status.status_code, status["HX-Redirect"]) == (286, "http://rani-salon.localhost/")


def test_going_back_and_clicking_twice_leaves_one_of_each() -> None:
    browser = signed_up(Client())
    with_business(browser)
    post(browser, "/start/business/", BUSINESS)
    for _ in range(3):
        post(browser, "/start/plan/", {"period": "monthly", "action": "trial"})

    user = User.objects.get(phone="+918888800011")
    assert Membership.objects.filter(user=user).count() == 1
    assert Subscription.objects.filter(tenant__name="Rani Salon").count() == 1


def test_two_tabs_of_one_person_reserve_one_workspace() -> None:
    first, second = signed_up(Client()), Client()
    post(second, "/sign-in/", {"way": "phone", "phone": "8888800011"})
    post(second, "/sign-in/code/", {"code": last_code()})
    second.get("/start/local/", **HOST)
    with_business(first)
    with_business(second)

    assert Tenant.objects.filter(name="Rani Salon").count() == 1


def test_a_company_signs_up_with_email_and_waits_for_its_payment() -> None:
    browser = Client()
    person = {"full_name": "Vik", "email": "Vik@New.example", "password": "a long sentence here"}
    post(browser, "/start/enterprise/", person)
    post(browser, "/start/code/", {"code": last_code()})
    answer = browser.get("/start/business/", **HOST)

    assert answer.status_code == 200
    user = User.objects.get(email="vik@new.example")
    assert user.check_password("a long sentence here")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 10_000}, "name"),
        ({"category": "spaceship"}, "category"),
        ({"city": "atlantis"}, "city"),
    ],
)
def test_bad_business_details_are_named_and_reserve_nothing(
    changes: dict[str, Any], field: str
) -> None:
    browser = signed_up(Client())
    answer = post(browser, "/start/business/", {**BUSINESS, **changes})

    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert not Membership.objects.filter(user__phone="+918888800011").exists()


@pytest.mark.parametrize("name", ["आशा मिठाई भंडार", "🎉 Party Shop", "متجر الورد"])
def test_any_script_is_a_name(name: str) -> None:
    tenant = with_business(signed_up(Client()), name=name)

    assert tenant.name == name


def test_a_wrong_code_creates_no_account() -> None:
    browser = Client()
    post(browser, "/start/local/", {"full_name": "Rani", "phone": "88888 00011"})
    wrong = f"{(int(last_code()) + 1) % 1_000_000:06d}"
    answer = post(browser, "/start/code/", {"code": wrong})

    assert "code" in answer.context["form"].errors
    assert not User.objects.filter(phone="+918888800011").exists()


def test_signing_in_reveals_nothing_about_unknown_numbers() -> None:
    answer = post(Client(), "/sign-in/", {"way": "phone", "phone": "88888 00099"})

    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/code/")
    assert not OutgoingMessage.objects.filter(to_phone="+918888800099").exists()


def test_a_language_chosen_before_signing_in_becomes_the_persons(asha: User) -> None:
    stranger = Client()
    post(stranger, "/language/", {"language": "hi", "next": "/sign-in/"})
    post(stranger, "/sign-in/", {"way": "phone", "phone": asha.phone})
    post(stranger, "/sign-in/code/", {"code": last_code()})

    asha.refresh_from_db()
    assert asha.language == "hi"


def test_wrong_password_and_unknown_email_get_one_answer(vikram: User) -> None:
    vikram.set_password("the right password")
    vikram.save()
    tries = [
        {"way": "email", "email": vikram.email, "password": "wrong wrong wrong"},
        {"way": "email", "email": "nobody@x.example", "password": "wrong wrong wrong"},
    ]
    errors = [str(post(Client(), "/sign-in/", t).context["email_form"].errors) for t in tries]

    assert errors[0] == errors[1]
    right = {"way": "email", "email": vikram.email, "password": "the right password"}
    assert post(Client(), "/sign-in/", right)["Location"] == "/my/"


def test_another_persons_waiting_page_is_not_there(meera: User, session_for: Any) -> None:
    tenant = with_business(signed_up(Client()))

    assert session_for(meera).get(f"/start/waiting/{tenant.pk}/", **HOST).status_code == 404
