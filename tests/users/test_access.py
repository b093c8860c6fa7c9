from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from marketing_platform.tenants.models import Tenant

pytestmark = pytest.mark.django_db


def next_of(answer: Any) -> str:
    parts = urlsplit(answer["Location"])
    assert (answer.status_code, parts.path) == (302, "/sign-in/")
    return parse_qs(parts.query)["next"][0]


@pytest.mark.parametrize("method", ["get", "head"])
def test_signing_in_leads_back_to_the_page(
    local_tenant: Tenant, workspace_client: Any, method: str
) -> None:
    nobody = workspace_client(local_tenant)

    assert next_of(getattr(nobody, method)("/settings/?a=1&b=2")) == "/settings/?a=1&b=2"


def test_signing_in_after_sending_a_form_leads_to_the_first_page(
    local_tenant: Tenant, workspace_client: Any
) -> None:
    nobody = workspace_client(local_tenant)

    assert next_of(nobody.post("/settings/api-keys/", {"name": "x"})) == "/"
