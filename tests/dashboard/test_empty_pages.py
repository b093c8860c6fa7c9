"""Lists with nothing in them yet say what they are for and what to do first."""

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
# Path → what it says when it is empty, and where the first step leads ("" when it has none).
BOTH = {
    "/billing/invoices/": ("No invoices yet.", ""),
    "/billing/statement/": ("The first one comes with your first payment.", ""),
    "/billing/certificates/": ("No certificate is due.", ""),
    "/effects/": ("Nothing was sent yet", ""),
    "/notifications/": ("When something needs you, it stands here.", ""),
    "/settings/api-keys/": ("No keys yet", "Make the key"),
    "/settings/team/": ("Invite somebody", "name=contact"),
    "/settings/take-along/": ("What is in it", "Pack everything"),
}
LOCAL = {
    "/customers/": ("Nobody here yet", "/customers/counter/"),
    "/customers/import/": ("You see what we understood before anything is kept", "name=file"),
    "/chat/": ("WhatsApp is not connected.", "/settings/connections/"),
    "/chat/campaigns/": ("No campaigns yet", "/chat/campaigns/new/"),
    "/chat/campaigns/new/": ("First write the message", "/chat/templates/"),
    "/chat/templates/": ("Write a message", "/chat/templates/new/"),
    "/chat/answers/": ("written once, copied when somebody asks", "name=text"),
    "/google/reviews/": ("No reviews here yet", "/google/reviews/"),
    "/insights/": ("What we cannot tell yet", ""),
    "/offers/": ("Posts speak only of offers that stand here", "Add an offer"),
}
ENTERPRISE = {
    "/brief/": ("No brief yet", "Make the brief"),
    "/budget/scenarios/": ("No scenario is kept yet", "/budget/"),
    "/campaigns/": ("No campaign yet", "/campaigns/new/"),
    "/data/": ("Each upload can be undone.", "name=file"),
    "/data/sync/": ("no name, number or address of a person", "/settings/connections/"),
}


def says(browser: Client, path: str, words: str, step: str) -> None:
    body = browser.get(path).content.decode().replace('"', "").replace("&#x27;", "'")
    main = body[body.index("<main") : body.index("</main")]

    assert words in main
    assert step in main
    assert "<tbody></tbody>" not in main.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize(("path", "told"), [*BOTH.items(), *LOCAL.items()])
def test_an_empty_page_of_a_shop_teaches(
    workspace_client: Any, local_tenant: Any, asha: Any, path: str, told: tuple[str, str]
) -> None:
    says(workspace_client(local_tenant, asha), path, *told)


@pytest.mark.parametrize(("path", "told"), [*BOTH.items(), *ENTERPRISE.items()])
def test_an_empty_page_of_a_company_teaches(
    workspace_client: Any, enterprise_tenant: Any, vikram: Any, path: str, told: tuple[str, str]
) -> None:
    says(workspace_client(enterprise_tenant, vikram), path, *told)
