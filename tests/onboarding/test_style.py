"""The living style page shows the parts that pages include."""

import re
from pathlib import Path

from django.test import Client

ROOT = Path(__file__).resolve().parents[2]
# Parts that need a workspace or a signed-in person around them.
OF_A_WORKSPACE = {
    "account_menu", "bell", "first_offer", "menu_dialog", "other_tier", "poster", "poster_card",
    "preview_whatsapp", "resend_button", "setting_link", "share_attributes", "share_bar",
    "side_items", "submit", "page_header", "logo", "messages",
}  # fmt: skip


def test_every_part_that_stands_alone_is_on_the_page(db, settings):
    answer = Client(HTTP_HOST=settings.BASE_HOST).get("/style/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert 'name="robots" content="noindex"' in page
    assert "This is not a mobile number in India." in page
    used = {str(each.name).rpartition("/")[2].removesuffix(".html") for each in answer.templates}
    parts = {
        path.stem
        for path in (ROOT / "templates" / "components").glob("[a-z]*.html")
        if path.stem not in OF_A_WORKSPACE
    }
    assert parts - used == set()


def test_the_places_named_at_the_top_exist(db, settings):
    page = Client(HTTP_HOST=settings.BASE_HOST).get("/style/").content.decode()
    names = re.findall(r'class="plain-link[^"]*" href="#([a-z]+)"', page)
    assert len(names) >= 8
    assert all(f'id="{name}"' in page for name in names)
