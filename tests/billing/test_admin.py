"""Staff look at money; only terms are added, and that is on record."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.test import Client, RequestFactory

from billing.models import Payment, PlanVersion, StaffTerms, Subscription
from marketing_platform.core import clock
from marketing_platform.inbox.models import InboundEvent
from marketing_platform.tenants.models import TenantEvent
from marketing_platform.users.models import User
from marketing_platform.users.sessions import session_start

pytestmark = pytest.mark.django_db
ADMIN_HOST = f"admin.{settings.BASE_HOST}"
LISTS = (
    "/billing/plan/",
    "/billing/subscription/",
    "/billing/checkout/",
    "/billing/payment/",
    "/billing/staffterms/",
    "/inbox/inboundevent/",
)


def signed_in(user):
    request = RequestFactory(HTTP_HOST=ADMIN_HOST).get("/")
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    request.tenant, request.host_kind = None, "admin"
    session_start(request, user)
    request.session.save()
    client = Client(HTTP_HOST=ADMIN_HOST)
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    return client


@pytest.fixture
def boss():
    return User.objects.create_superuser(email="staff@example.in", password="a-long-password-3")


@pytest.fixture
def staff(boss):
    return signed_in(boss)


@pytest.fixture
def paid(start, twin, deliver, work_off, event_of):
    checkout = start()
    twin.act(checkout, "pay")
    deliver(event_of("checkout.paid", twin.state(checkout)))
    work_off()


@pytest.mark.parametrize("path", LISTS)
def test_every_list_opens(staff, paid, path):
    assert staff.get(path).status_code == 200


@pytest.mark.parametrize("path", LISTS)
def test_meera_is_refused(meera, path):
    assert signed_in(meera).get(path).status_code == 302


@pytest.mark.parametrize("model", [Subscription, Payment, InboundEvent])
def test_every_row_opens_and_cannot_be_changed(staff, paid, model, book):
    row = model.objects.first()
    meta = model._meta
    address = f"/{meta.app_label}/{meta.model_name}/{row.pk}/change/"
    assert staff.get(address).status_code == 200
    before = book()
    assert staff.post(address, {"state": "active"}).status_code == 403
    assert staff.post(address.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert book() == before


@pytest.mark.parametrize("path", ["subscription", "checkout", "payment", "plan"])
def test_ledgers_have_no_add_page(staff, path):
    assert staff.get(f"/billing/{path}/add/").status_code == 403


def test_the_payment_list_costs_the_same_with_more_rows(staff, paid, django_assert_max_num_queries):
    row = Payment.objects.get()
    for number in range(20):
        row.pk, row.remote_id = None, f"pay_{number}"
        row.save(force_insert=True)
    staff.get("/billing/payment/")
    with django_assert_max_num_queries(12):
        staff.get("/billing/payment/")


def test_accepting_terms_is_logged(staff, boss, enterprise_tenant):
    until = clock.now() + timedelta(days=90)
    response = staff.post(
        "/billing/staffterms/add/",
        {
            "tenant": str(enterprise_tenant.pk),
            "reason": "PO 4711, invoice, net 30",
            "until_0": f"{until:%Y-%m-%d}",
            "until_1": "12:00:00",
        },
    )
    assert response.status_code == 302, response.context["errors"]
    terms = StaffTerms.objects.get()
    assert (terms.tenant, terms.actor_id) == (enterprise_tenant, boss.pk)
    assert LogEntry.objects.get().object_id == str(terms.pk)
    event = TenantEvent.objects.get(kind="staff_terms_accepted")
    assert (event.tenant, event.actor_id) == (enterprise_tenant, boss.pk)


@pytest.mark.parametrize(("reason", "year"), [("", 2099), ("PO 4711", 2020)])
def test_terms_without_a_reason_or_a_future_are_sent_back(staff, enterprise_tenant, reason, year):
    response = staff.post(
        "/billing/staffterms/add/",
        {
            "tenant": str(enterprise_tenant.pk),
            "reason": reason,
            "until_0": f"{year}-01-01",
            "until_1": "12:00:00",
        },
    )
    assert response.status_code == 200
    assert not StaffTerms.objects.exists()


def test_a_new_price_is_a_new_version_and_the_old_one_stays(staff):
    version = PlanVersion.objects.get(plan__tier="local")
    form = {
        "versions-TOTAL_FORMS": "1",
        "versions-INITIAL_FORMS": "0",
        "versions-0-id": "",
        "versions-0-plan": str(version.plan_id),
        "versions-0-number": "2",
        "versions-0-monthly": "1299",
        "versions-0-annual": "12990",
        "versions-0-sac": "998314",
        "versions-0-effective_from_0": f"{clock.now() + timedelta(days=40):%Y-%m-%d}",
        "versions-0-effective_from_1": "00:00:00",
    }
    staff.post(f"/billing/plan/{version.plan_id}/change/", form)
    prices = PlanVersion.objects.filter(plan=version.plan_id).order_by("number")
    assert list(prices.values_list("number", "monthly_paise")) == [(1, 99_900), (2, 129_900)]


def test_an_old_price_cannot_be_rewritten(staff):
    version = PlanVersion.objects.get(plan__tier="local")
    form = {
        "versions-TOTAL_FORMS": "1",
        "versions-INITIAL_FORMS": "1",
        "versions-0-id": str(version.pk),
        "versions-0-plan": str(version.plan_id),
        "versions-0-number": "1",
        "versions-0-monthly": "1",
        "versions-0-annual": "1",
        "versions-0-effective_from_0": "2026-01-01",
        "versions-0-effective_from_1": "00:00:00",
    }
    staff.post(f"/billing/plan/{version.plan_id}/change/", form)
    version.refresh_from_db()
    assert version.monthly_paise == 99_900
