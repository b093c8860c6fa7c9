import io
from datetime import date, timedelta

import pytest
from django.utils import translation
from PIL import Image

from local.automation.social_media import front_door, services
from local.automation.social_media.engine import NETWORKS, DailyContentRequest
from local.automation.social_media.errors import DateOutOfRange
from local.automation.social_media.front_door import SamplePost, SocialMediaAutomation
from local.business.models import LocalBusiness
from local.business.selectors import business_of
from local.occasions.services import occasion_mute
from marketing_platform.core import clock
from marketing_platform.media.models import MediaFile
from marketing_platform.media.selectors import content_of, media_file_of
from marketing_platform.tiers.factory import BusinessServiceFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)


@pytest.fixture
def automation(in_local_workspace):
    return SocialMediaAutomation(business_of(in_local_workspace))


def ask(automation, **wanted):
    return automation.generate_daily_content(DailyContentRequest(**wanted), today=DAY)


def test_without_a_request_it_is_today_with_all_captions_and_own_posters(automation):
    content = automation.generate_daily_content()
    assert content.date == clock.today()
    assert tuple(content.networks) == NETWORKS
    for captions in content.networks.values():
        assert set(captions) == {"en", "hi", "hinglish", "mr"}
    assert set(content.posters) == {"en"}
    assert content.blocked == ()


def test_named_languages_mean_exactly_these(automation):
    content = ask(automation, languages=("mr", "hinglish"), networks=("facebook",))
    assert set(content.networks) == {"facebook"}
    assert set(content.networks["facebook"]) == {"mr", "hinglish"}
    assert set(content.posters) == {"mr", "hinglish"}


def test_posters_are_full_pictures_with_a_small_preview(automation):
    poster = ask(automation, languages=("hi",)).posters["hi"]
    png = Image.open(io.BytesIO(content_of(media_file_of(poster.media_id))))
    preview = content_of(media_file_of(poster.preview_id))
    assert (png.format, png.size) == ("PNG", (1080, 1080))
    assert Image.open(io.BytesIO(preview)).format == "WEBP"
    assert Image.open(io.BytesIO(preview)).size == (360, 360)
    assert len(preview) <= 15_000


def test_a_second_call_draws_nothing_and_answers_the_same(automation, monkeypatch):
    first = ask(automation, languages=("en", "hi"))
    assert MediaFile.objects.count() == 4

    def refuse(*_unused, **_more):
        raise AssertionError("drawn again")

    monkeypatch.setattr(front_door, "render_png", refuse)
    assert ask(automation, languages=("en", "hi")) == first
    assert MediaFile.objects.count() == 4


def test_a_changed_colour_draws_a_new_poster(automation):
    first = ask(automation, languages=("en",)).posters["en"]
    services.brand_update(
        category="sweet_shop",
        primary_colour="#112233",
        accent_colour="",
        tagline="",
        now=clock.now(),
    )
    assert ask(automation, languages=("en",)).posters["en"].media_id != first.media_id


def test_the_owners_photo_is_on_the_poster(automation):
    plain = ask(automation, languages=("en",)).posters["en"]
    photo = io.BytesIO()
    Image.new("RGB", (900, 900), "#00ff00").save(photo, "JPEG")
    photo.seek(0)
    services.brand_photo_set(upload=photo, now=clock.now())
    shown = ask(automation, languages=("en",)).posters["en"]
    assert shown.media_id != plain.media_id
    picture = Image.open(io.BytesIO(content_of(media_file_of(shown.media_id)))).convert("RGB")
    greens = sum(count for count, (r, g, b) in picture.getcolors(2**24) if g > 200 > 90 > max(r, b))
    assert greens > 0.03 * 1080 * 1080
    services.brand_photo_remove(now=clock.now())
    assert ask(automation, languages=("en",)).posters["en"].media_id == plain.media_id


def test_variants_differ_and_a_day_is_always_the_same(automation):
    keys = [ask(automation, variant=variant, languages=("en",)).pick.key for variant in range(5)]
    assert len(set(keys)) == 5
    again = [ask(automation, variant=variant, languages=("en",)).pick.key for variant in range(5)]
    assert keys == again


@pytest.mark.parametrize("passed", [-32, 367])
def test_a_date_too_far_away_is_refused(automation, passed):
    with pytest.raises(DateOutOfRange) as refused:
        ask(automation, date=DAY + timedelta(passed))
    assert refused.value.field == "date"
    assert refused.value.english == "Choose a date from 2026-10-22 to 2027-11-23."


@pytest.mark.parametrize("passed", [-31, 366])
def test_the_first_and_the_last_date_work(automation, passed):
    assert ask(automation, date=DAY + timedelta(passed)).networks["facebook"]["en"].caption


def test_an_occasion_the_owner_muted_is_not_posted(automation, local_tenant):
    from local.business.selectors import facts_of

    christmas = date(2026, 12, 25)
    assert ask(automation, date=christmas, languages=("en",)).pick.occasion == "christmas"
    facts = facts_of(business_of(local_tenant))
    occasion_mute(facts=facts, slug="christmas", year=2026, now=clock.now())
    assert ask(automation, date=christmas, languages=("en",)).pick.occasion != "christmas"


def test_an_offer_that_became_unlawful_is_refused_with_the_rule(automation, local_tenant):
    services.offer_add(
        category="sweet_shop",
        words="20% off",
        valid_from=DAY,
        valid_until=DAY + timedelta(30),
        today=DAY,
        now=clock.now(),
    )
    LocalBusiness.objects.filter(tenant=local_tenant).update(category="clinic")
    clinic = SocialMediaAutomation(business_of(local_tenant))
    for passed in range(12):
        content = ask(clinic, date=DAY + timedelta(passed), languages=("en",))
        assert [breach.rule for breach in content.blocked] == ["clinic_no_offer"]
        assert "20%" not in str(content.networks)


def test_planned_days_agree_with_the_content(automation):
    services.day_idea_choose(on=DAY + timedelta(1), variant=2, now=clock.now())
    for day in automation.plan_days(DAY, DAY + timedelta(3)):
        content = ask(automation, date=day.date, variant=day.variant, languages=("en",))
        assert content.pick == day.pick
    assert day.headline("hi")


def test_the_factory_hands_it_out(automation, in_local_workspace):
    made = BusinessServiceFactory.create_automation_service(
        "local", business_of(in_local_workspace)
    )
    assert isinstance(made, SocialMediaAutomation)


def test_a_sample_needs_no_workspace_and_stores_nothing(local_tenant):
    sample = SamplePost()
    choices = sample.choices(language="hi")
    assert len(choices["categories"]) == 12
    with translation.override("en"):
        made = sample.make(category="salon", city="indore", language="en", today=DAY)
    assert made["business_name"] == "Your shop"
    assert made["place"] == "Indore"
    assert [each["network"] for each in made["previews"]] == list(NETWORKS)
    assert made["poster_url"].startswith("data:image/webp;base64,")
    assert len(made["poster_url"]) < 14_000
    with translation.override("en"):
        assert made == sample.make(category="salon", city="indore", language="en", today=DAY)
