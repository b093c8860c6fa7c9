import html
import io
import re

import pytest
from PIL import Image

from local.business.models import LocalBusiness
from local.guidance.engine import guides
from local.guidance.models import GuideRun, GuideStepDone
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(workspace_client, local_tenant, asha):
    return workspace_client(local_tenant, asha)


@pytest.fixture
def onlooker(workspace_client, local_tenant, meera):
    membership_add(tenant=local_tenant, user=meera, role=Role.VIEWER, now=clock.now())
    return workspace_client(local_tenant, meera)


def text_of(answer) -> str:
    return html.unescape(answer.content.decode())


def tick(client, slug, step, **more):
    return client.post(f"/guides/{slug}/step/", {"step": step, "is_done": "on", **more})


def tick_all(client, slug):
    for step in guides()[slug].steps:
        tick(client, slug, step.key)


def test_the_list_shows_minutes_and_finds(owner):
    everything = text_of(owner.get("/guides/"))
    assert everything.count('href="/guides/') >= len(guides())
    assert "5 minutes" in everything
    found = text_of(owner.get("/guides/?q=holiday"))
    assert "/guides/google-hours/" in found
    assert "/guides/local-boost/" not in found
    nothing = text_of(owner.get("/guides/?q=zebra<b>"))
    assert "Nothing about “zebra<b>”" in nothing
    assert "<b>" not in owner.get("/guides/?q=<b>").content.decode().split("<main")[1]


def test_one_step_is_open_and_a_tick_leads_to_the_next(owner):
    page = text_of(owner.get("/guides/google-hours/"))
    assert page.count('<details class="p-4" open>') == 1
    assert re.search(r'id="open">\s*<details class="p-4" open>', page)
    answer = tick(owner, "google-hours", "open")
    assert (answer.status_code, answer["Location"]) == (302, "/guides/google-hours/#regular")
    page = text_of(owner.get("/guides/google-hours/"))
    assert re.search(r'id="regular">\s*<details class="p-4" open>', page)
    assert "1 of 4 steps done" in page


def test_htmx_gets_the_guide_alone_and_a_tick_is_taken_back(owner, local_tenant):
    answer = owner.post(
        "/guides/google-hours/step/",
        {"step": "open", "is_done": "on"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    assert text_of(answer).lstrip().startswith('<div id="guide"')
    owner.post("/guides/google-hours/step/", {"step": "open"})
    with tenant_context(local_tenant):
        assert not GuideStepDone.objects.exists()


def test_a_guide_is_followed_to_its_end_with_a_link(owner, local_tenant):
    assert 'name="url"' not in text_of(owner.get("/guides/instagram-post/"))
    tick_all(owner, "instagram-post")
    wrong = owner.post("/guides/instagram-post/finish/", {"url": "https://example.in/p/1"})
    assert wrong.status_code == 422
    assert "This is not a link to instagram.com" in text_of(wrong)
    assert "https://example.in/p/1" in text_of(wrong)
    done = owner.post("/guides/instagram-post/finish/", {"url": "https://instagram.com/p/1"})
    assert (done.status_code, done["Location"]) == (302, "/guides/")
    with tenant_context(local_tenant):
        assert GuideRun.objects.get().url == "https://instagram.com/p/1"
    assert "Last done on" in text_of(owner.get("/guides/"))


def test_a_photo_is_the_proof_of_a_status(owner, local_tenant):
    tick_all(owner, "whatsapp-status")
    assert owner.post("/guides/whatsapp-status/finish/", {}).status_code == 422
    made = io.BytesIO()
    Image.new("RGB", (60, 40), "#336699").save(made, "PNG")
    made.seek(0)
    made.name = "status.png"
    assert owner.post("/guides/whatsapp-status/finish/", {"photo": made}).status_code == 302
    with tenant_context(local_tenant):
        assert GuideRun.objects.get().photo is not None


@pytest.mark.parametrize("number", ["", "0", "-1", "5001", "9" * 30, "many", "1.5"])
def test_a_wrong_number_is_explained(owner, local_tenant, number):
    tick_all(owner, "ask-for-reviews")
    answer = owner.post("/guides/ask-for-reviews/finish/", {"number": number})
    assert answer.status_code == 422
    assert "text-error" in text_of(answer)
    with tenant_context(local_tenant):
        assert GuideRun.objects.get().finished_at is None


def test_finishing_too_early_is_said_and_changes_nothing(owner, local_tenant):
    answer = owner.post("/guides/google-hours/finish/", {"tick": "on"})
    assert answer.status_code == 422
    assert "Start the guide first." in text_of(answer)
    tick(owner, "google-hours", "open")
    answer = owner.post("/guides/google-hours/finish/", {"tick": "on"})
    assert "Steps still without a tick: 3" in text_of(answer)
    with tenant_context(local_tenant):
        assert GuideRun.objects.get().finished_at is None


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/guides/nothing/", None),
        ("/guides/nothing/step/", {"step": "open"}),
        ("/guides/nothing/finish/", {"tick": "on"}),
        ("/guides/google-hours/step/", {}),
        ("/guides/google-hours/step/", {"step": "\x00"}),
        ("/guides/google-hours/step/", {"step": "no-such-step"}),
        ("/guides/card/other/", None),
    ],
)
def test_what_is_not_there_is_a_404(owner, local_tenant, address, body):
    answer = owner.get(address) if body is None else owner.post(address, body)
    assert answer.status_code == 404
    with tenant_context(local_tenant):
        assert not GuideRun.objects.exists()


def test_a_review_card_is_made_from_a_google_link_only(owner):
    assert owner.get("/guides/card/review/").status_code == 200
    card = owner.get("/guides/card/review/", {"link": "https://g.page/r/abc/review"})
    assert card.status_code == 200
    assert '<svg viewBox="' in card.content.decode().split("<figure")[1]
    wrong = owner.get("/guides/card/review/", {"link": "https://evil.example/g.page"})
    assert wrong.status_code == 422
    assert "This is not a Google link." in text_of(wrong)
    assert "<figure" not in text_of(wrong)


def test_a_whatsapp_card_needs_a_mobile_number(owner, local_tenant):
    LocalBusiness.objects.filter(tenant=local_tenant).update(phone="+912026123456")
    assert "mobile number" in text_of(owner.get("/guides/card/whatsapp/"))
    LocalBusiness.objects.filter(tenant=local_tenant).update(phone="+919800000001")
    card = text_of(owner.get("/guides/card/whatsapp/"))
    assert "https://wa.me/919800000001?text=Yes%2C%20please%20send" in card
    assert "<svg viewBox=" in card


def test_who_may_only_look_changes_nothing(onlooker, local_tenant):
    page = text_of(onlooker.get("/guides/google-hours/"))
    assert 'method="post"' not in page.split("<main")[1].split("</main>")[0]
    for address in ("step", "finish", "stop"):
        answer = onlooker.post(f"/guides/google-hours/{address}/", {"step": "open", "tick": "on"})
        assert answer.status_code == 403
    with tenant_context(local_tenant):
        assert not GuideRun.objects.exists()


def test_a_stranger_is_refused(workspace_client, local_tenant, meera):
    stranger = workspace_client(local_tenant, meera)
    for address in ("/guides/", "/guides/google-hours/", "/guides/card/review/"):
        assert stranger.get(address).status_code in (302, 403)


def test_stopping_takes_the_ticks_away(owner, local_tenant):
    tick(owner, "google-hours", "open")
    assert owner.post("/guides/google-hours/stop/").status_code == 302
    with tenant_context(local_tenant):
        assert not GuideRun.objects.exists()


def test_no_page_has_inline_script_or_style(owner):
    for address in (
        "/guides/",
        "/guides/ask-for-reviews/",
        "/guides/card/review/?link=https://g.page/r/a",
    ):
        page = text_of(owner.get(address)).split("<main")[1]
        assert not re.search(r"\sstyle=|<script|\son[a-z]+=", page)


def test_pages_speak_hindi(owner):
    owner.cookies["django_language"] = "hi"
    page = text_of(owner.get("/guides/google-hours/"))
    assert "Google पर खुलने का समय और छुट्टी का समय डालें" in page
