import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from PIL import Image

from local.automation.social_media.models import BrandKit, DayIdea, Offer, PostedRecord
from local.business.models import LocalBusiness
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(workspace_client, local_tenant, asha) -> Client:
    return workspace_client(local_tenant, asha)


@pytest.fixture
def onlooker(workspace_client, local_tenant, meera) -> Client:
    membership_add(tenant=local_tenant, user=meera, role=Role.VIEWER, now=clock.now())
    return workspace_client(local_tenant, meera)


def text_of(answer) -> str:
    return answer.content.decode()


def day_form(**more) -> dict:
    return {"on": clock.today().isoformat(), "language": "en", "variant": 0, **more}


def test_today_shows_the_post_its_reason_and_a_small_picture(owner):
    answer = owner.get("/")
    html = text_of(answer)
    assert answer.status_code == 200
    assert "Asha" in html
    (source,) = set(re.findall(r'<img[^>]+src="(/media/signed/[^"]+)"', html))
    picture = owner.get(source)
    assert picture["Content-Type"] == "image/webp"
    assert len(b"".join(picture)) <= 15_000
    assert 'width="360" height="360"' in html
    full = re.search(r'data-poster="(/media/signed/[^"]+)"', html)[1]
    assert owner.get(full)["Content-Type"] == "image/png"
    assert "style=" not in html
    assert "onclick" not in html


def test_each_language_has_its_own_caption_and_poster(owner):
    hindi, marathi = (text_of(owner.get(f"/?language={each}")) for each in ("hi", "mr"))
    assert 'lang="hi"' in hindi
    assert 'lang="mr"' in marathi
    assert (
        re.search(r'data-poster="([^"]+)"', hindi)[1]
        != re.search(r'data-poster="([^"]+)"', marathi)[1]
    )
    assert owner.get("/?language=xx").status_code == 200


def test_another_idea_is_remembered_with_and_without_htmx(owner, local_tenant):
    answer = owner.post("/posts/another-idea/", day_form(variant=1))
    assert (answer.status_code, answer["Location"]) == (302, "/?language=en")
    swapped = owner.post("/posts/another-idea/", day_form(variant=2), HTTP_HX_REQUEST="true")
    assert text_of(swapped).lstrip().startswith('<section id="post"')
    with tenant_context(local_tenant):
        assert DayIdea.objects.get().variant == 2


def test_i_posted_it_is_noted_once_and_can_be_undone(owner, local_tenant):
    for _twice in range(2):
        owner.post("/posts/posted/", day_form(network="facebook"))
    with tenant_context(local_tenant):
        assert PostedRecord.objects.count() == 1
    assert "Posted: Facebook" in text_of(owner.get("/posts/"))
    owner.post("/posts/not-posted/", day_form(network="facebook"))
    with tenant_context(local_tenant):
        assert PostedRecord.objects.count() == 0


@pytest.mark.parametrize(
    "wrong", [{"on": "x"}, {"network": "orkut"}, {"language": "ta"}, {"variant": 99}]
)
def test_a_forged_button_changes_nothing(owner, local_tenant, wrong):
    owner.post("/posts/posted/", day_form(network="facebook") | wrong)
    with tenant_context(local_tenant):
        assert not PostedRecord.objects.exists()


def test_the_list_shows_a_week_back_and_a_fortnight_ahead(owner):
    html = text_of(owner.get("/posts/"))
    tomorrow = clock.today() + timedelta(1)
    assert f"/posts/{tomorrow.isoformat()}/" in html
    assert html.count("<li>") >= 20


def test_a_day_has_its_page_and_a_far_one_says_why_not(owner):
    tomorrow = clock.today() + timedelta(1)
    assert owner.get(f"/posts/{tomorrow.isoformat()}/").status_code == 200
    assert owner.get("/posts/2026-13-45/").status_code == 404
    answer = owner.get("/posts/1999-01-01/", follow=True)
    assert "Choose a date from" in text_of(answer)


def offer_form(**changed) -> dict:
    today = clock.today()
    usual = {
        "words": "10% off on barfi",
        "valid_from": today.isoformat(),
        "valid_until": (today + timedelta(9)).isoformat(),
    }
    return usual | changed


def test_an_offer_is_added_listed_and_ended(owner, local_tenant):
    assert owner.post("/offers/add/", offer_form()).status_code == 302
    assert "10% off on barfi" in text_of(owner.get("/offers/"))
    with tenant_context(local_tenant):
        offer = Offer.objects.get()
    assert owner.post(f"/offers/{offer.pk}/end/").status_code == 302
    assert "10% off on barfi" not in text_of(owner.get("/offers/"))
    assert "could not find this offer" in text_of(owner.post("/offers/999/end/", follow=True))


def test_a_forbidden_offer_is_refused_at_the_field_and_what_was_typed_stays(owner, local_tenant):
    LocalBusiness.objects.filter(tenant=local_tenant).update(category="clinic")
    answer = owner.post("/offers/add/", offer_form(words="Free check-up camp"))
    html = text_of(answer)
    assert answer.status_code == 422
    assert "A clinic may not advertise offers" in html
    assert "Free check-up camp" in html
    with tenant_context(local_tenant):
        assert not Offer.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"words": ""},
        {"words": "x" * 121},
        {"words": "10,000 " + "x" * 10_000},
        {"valid_until": "2001-01-01"},
        {"valid_until": "soon"},
        {"valid_from": "2030-01-01"},
    ],
)
def test_a_wrong_offer_is_explained(owner, changed):
    answer = owner.post("/offers/add/", offer_form(**changed))
    assert answer.status_code == 422
    assert "text-error" in text_of(answer)


def test_brand_colours_follow_the_profile_until_they_are_changed(owner, local_tenant):
    business = LocalBusiness.objects.get(tenant=local_tenant)
    same = {
        "tagline": "Sweets made daily",
        "primary_colour": business.primary_colour,
        "accent_colour": "#00ff00",
    }
    assert owner.post("/settings/brand/save/", same).status_code == 302
    with tenant_context(local_tenant):
        kit = BrandKit.objects.get()
    assert (kit.primary_colour, kit.accent_colour) == ("", "#00ff00")
    answer = owner.post("/settings/brand/save/", {**same, "primary_colour": "red"})
    assert answer.status_code == 422


def picture() -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (600, 400), "#336699").save(made, "PNG")
    made.seek(0)
    made.name = "shop.png"
    return made


def test_a_photo_is_uploaded_shown_and_removed(owner, local_tenant):
    assert owner.post("/settings/brand/photo/", {"photo": picture()}).status_code == 302
    assert 'width="600" height="400"' in text_of(owner.get("/settings/brand/"))
    assert owner.post("/settings/brand/photo/remove/").status_code == 302
    with tenant_context(local_tenant):
        assert BrandKit.objects.get().owner_photo is None


def test_a_file_that_is_no_photo_is_refused_at_the_field(owner):
    fake = io.BytesIO(b"<svg></svg>")
    fake.name = "shop.jpg"
    answer = owner.post("/settings/brand/photo/", {"photo": fake})
    assert answer.status_code == 422
    assert owner.post("/settings/brand/photo/", {}).status_code == 422


def test_a_clinic_confirms_that_no_patient_is_in_the_photo(owner, local_tenant):
    LocalBusiness.objects.filter(tenant=local_tenant).update(category="clinic")
    answer = owner.post("/settings/brand/photo/", {"photo": picture()})
    assert answer.status_code == 422
    assert "may not show patients" in text_of(answer)
    confirmed = {"photo": picture(), "shows_no_patient": "on"}
    assert owner.post("/settings/brand/photo/", confirmed).status_code == 302


def test_who_may_only_look_sees_everything_and_changes_nothing(onlooker, local_tenant):
    for address in ("/", "/posts/", "/offers/", "/settings/brand/"):
        answer = onlooker.get(address)
        assert answer.status_code == 200
        assert "<form" not in text_of(answer).split('id="content"')[1].split("</main>")[0]
    tries = [
        ("/posts/posted/", day_form(network="facebook")),
        ("/posts/another-idea/", day_form(variant=1)),
        ("/offers/add/", offer_form()),
        ("/settings/brand/photo/remove/", {}),
    ]
    for address, body in tries:
        assert onlooker.post(address, body).status_code == 403
    with tenant_context(local_tenant):
        for model in (PostedRecord, DayIdea, Offer, BrandKit):
            assert not model.objects.exists()


def test_a_stranger_is_refused_everywhere(workspace_client, local_tenant, meera):
    stranger = workspace_client(local_tenant, meera)
    for address in ("/", "/posts/", "/offers/", "/settings/brand/"):
        assert stranger.get(address).status_code in (302, 403)


def test_pages_speak_hindi(owner):
    owner.cookies["django_language"] = "hi"
    html = text_of(owner.get("/"))
    assert 'lang="hi"' in html.split(">", 3)[1] + html.split(">", 3)[2]
