import html
import io
import re
from datetime import timedelta

import pytest
from PIL import Image

from local.automation.google_business.models import GooglePost, HoursChange, Review, ReviewReply
from local.automation.google_business.services import reply_ensure, review_paste
from marketing_platform.core import clock
from marketing_platform.effects.models import Effect
from marketing_platform.jobs.models import Job
from marketing_platform.tenants.context import tenant_context
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add
from tests.local.automation.google_business.conftest import connect

pytestmark = pytest.mark.django_db
KEY = f"page:{'a' * 32}"


@pytest.fixture
def owner(workspace_client, local_tenant, asha):
    return workspace_client(local_tenant, asha)


@pytest.fixture
def onlooker(workspace_client, local_tenant, meera):
    membership_add(tenant=local_tenant, user=meera, role=Role.VIEWER, now=clock.now())
    return workspace_client(local_tenant, meera)


@pytest.fixture
def review(local_tenant):
    with tenant_context(local_tenant):
        return review_paste(stars=2, text="We waited 25 minutes", now=clock.now())


@pytest.fixture
def connected(google_twin, local_tenant):
    with tenant_context(local_tenant):
        return connect()


def text_of(answer) -> str:
    return html.unescape(answer.content.decode())


def day(ahead: int = 20) -> str:
    return (clock.today() + timedelta(days=ahead)).isoformat()


def hash_on(page: str) -> str:
    return re.search(r'name="read_hash" value="([0-9a-f]{64})"', page)[1]


def test_the_overview_by_hand_says_what_to_do(owner, review):
    page = text_of(owner.get("/google/"))
    assert "By hand" in page
    assert "1 review to answer" in page
    assert "/settings/connections/" in page


def test_a_review_is_pasted_and_leads_to_its_draft(owner, local_tenant):
    assert "No reviews here yet" in text_of(owner.get("/google/reviews/"))
    answer = owner.post(
        "/google/reviews/add/", {"stars": "2", "text": "We waited 25 minutes", "reviewer": "Sneha"}
    )
    page = text_of(owner.get(answer["Location"]))
    assert "You had to wait too long." in page
    assert "The review speaks of: waiting." in page
    assert "2 of 5 stars: it apologises" in page
    assert "/guides/google-reply/" in page
    assert 'data-copy-from="id_text"' in page


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"stars": "9", "text": "x"},
        {"stars": "five"},
        {"stars": "5", "text": "x" * 4097},
        {"stars": "5", "written_on": "2199-01-01"},
        {"stars": "5", "written_on": "soon"},
    ],
)
def test_a_wrong_paste_is_explained_and_keeps_what_was_typed(owner, local_tenant, given):
    answer = owner.post("/google/reviews/add/", {"reviewer": "Sneha K", **given})
    assert answer.status_code == 422
    assert "text-error" in text_of(answer)
    assert "Sneha K" in text_of(answer)
    with tenant_context(local_tenant):
        assert not Review.objects.exists()


def test_a_reply_is_saved_then_noted_as_posted_then_undone(owner, local_tenant, review):
    address = f"/google/reviews/{review.pk}/"
    read = hash_on(text_of(owner.get(address)))
    saved = owner.post(
        f"{address}reply/", {"text": "Sorry for the wait.", "read_hash": read, "act": "save"}
    )
    assert saved.status_code == 302
    page = text_of(owner.get(address))
    assert "Sorry for the wait." in page
    posted = {"text": "Sorry for the wait.", "read_hash": hash_on(page), "act": "approve"}
    owner.post(f"{address}reply/", posted)
    assert "you posted it yourself" in text_of(owner.get(address))
    owner.post(f"{address}not-posted/")
    assert 'name="read_hash"' in text_of(owner.get(address))
    with tenant_context(local_tenant):
        assert ReviewReply.objects.get().state == "draft"
        assert not Effect.objects.exists()


def test_words_of_another_tab_are_not_written_over(owner, local_tenant, review):
    address = f"/google/reviews/{review.pk}/"
    read = hash_on(text_of(owner.get(address)))
    form = {"read_hash": read, "act": "save"}
    owner.post(f"{address}reply/", {"text": "One", **form})
    answer = owner.post(f"{address}reply/", {"text": "Two", **form})
    assert answer.status_code == 422
    assert "was changed after you read it" in text_of(answer)
    assert ">\nTwo</textarea>" in text_of(answer)
    with tenant_context(local_tenant):
        assert ReviewReply.objects.get().text == "One"


def test_a_promise_is_refused_at_the_field(owner, local_tenant, review):
    address = f"/google/reviews/{review.pk}/"
    read = hash_on(text_of(owner.get(address)))
    answer = owner.post(
        f"{address}reply/", {"text": "Next time free", "read_hash": read, "act": "approve"}
    )
    assert answer.status_code == 422
    assert "Promise nothing for a review." in text_of(answer)
    assert "Next time free" in text_of(answer)


def test_connected_a_reply_is_approved_into_one_effect(owner, local_tenant, connected):
    with tenant_context(local_tenant):
        review = Review.objects.create(
            source="google",
            remote_name="accounts/3001/locations/4001/reviews/r0002",
            stars=2,
            text="We waited",
            created_at=clock.now(),
            updated_at=clock.now(),
            seen_at=clock.now(),
        )
    address = f"/google/reviews/{review.pk}/"
    page = text_of(owner.get(address))
    assert "Approve and send" in page
    text = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)[1]
    form = {"text": text.replace("\n", "\r\n"), "read_hash": hash_on(page), "act": "approve"}
    for _twice in range(2):
        owner.post(f"{address}reply/", form)
    assert "On its way to Google." in text_of(owner.get(address))
    with tenant_context(local_tenant):
        effect = Effect.objects.get()
        assert effect.payload["text"] == text.strip()


def test_reading_again_is_one_job(owner, local_tenant, connected):
    first = owner.post("/google/read/")
    again = owner.post("/google/read/")
    assert first["Location"] == again["Location"]
    with tenant_context(local_tenant):
        assert Job.objects.filter(kind="local.google_read").count() == 1


def test_reading_without_google_says_so(owner):
    answer = owner.post("/google/read/", follow=True)
    assert "Google is not connected" in text_of(answer)


def test_hours_by_hand_and_wrong_hours(owner, local_tenant):
    page = text_of(owner.get(f"/google/hours/?on={day()}"))
    assert f'value="{day()}"' in page
    assert "I set it on Google" in page
    for wrong in (
        {"on": day(), "kind": "open"},
        {"on": day(), "kind": "open", "opens": "09:00", "closes": "09:00"},
        {"on": day(), "kind": "open", "opens": "9 o'clock", "closes": "10:00"},
        {"on": day(-1), "kind": "closed"},
        {"on": "9999-12-31", "kind": "closed"},
        {"on": "x", "kind": "maybe"},
        {},
    ):
        answer = owner.post("/google/hours/set/", wrong)
        assert answer.status_code == 422, wrong
    with tenant_context(local_tenant):
        assert not HoursChange.objects.exists()
    assert owner.post("/google/hours/set/", {"on": day(), "kind": "closed"}).status_code == 302
    assert "You set it yourself" in text_of(owner.get("/google/hours/"))


@pytest.mark.parametrize("on", ["", "x", "2026-99-99", "<script>", "9" * 500])
def test_any_day_in_the_address_is_harmless(owner, on):
    answer = owner.get("/google/hours/", {"on": on})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode().split("<main")[1]


def test_a_conflict_shows_both_and_is_settled(owner, local_tenant):
    with tenant_context(local_tenant):
        change = HoursChange.objects.create(
            on=clock.today() + timedelta(days=20),
            is_closed=True,
            state="conflict",
            found=["10:00-14:00"],
            created_at=clock.now(),
        )
    page = text_of(owner.get("/google/hours/"))
    assert "was changed on Google meanwhile" in page
    assert "10:00-14:00" in page
    owner.post(f"/google/hours/{change.pk}/settle/", {"take": "theirs"})
    with tenant_context(local_tenant):
        assert HoursChange.objects.get().state == "cancelled"
    assert owner.post(f"/google/hours/{change.pk}/settle/", follow=True).status_code == 200


def picture():
    made = io.BytesIO()
    Image.new("RGB", (600, 400), "#336699").save(made, "PNG")
    made.seek(0)
    made.name = "shop.png"
    return made


def test_a_post_with_a_photo_is_planned_once(owner, local_tenant, connected):
    form = {"key": KEY, "text": "Fresh jalebi", "language": "en", "button": "CALL"}
    for _twice in range(2):
        answer = owner.post("/google/post/new/", {**form, "photo": picture()})
        assert answer.status_code == 302
    assert "On its way to Google." in text_of(owner.get("/google/post/"))
    with tenant_context(local_tenant):
        post, effect = GooglePost.objects.get(), Effect.objects.get()
        assert effect.payload["picture_id"] == str(post.picture_id)
    owner.post(f"/google/post/{post.pk}/stop/")
    with tenant_context(local_tenant):
        assert Effect.objects.get().state == "cancelled"
        assert GooglePost.objects.get().state == "cancelled"


@pytest.mark.parametrize(
    "given",
    [
        {"text": ""},
        {"text": "x" * 1501},
        {"text": "Call 98000 00001"},
        {"button": "ORDER"},
        {"button": "ORDER", "button_url": "ftp://x"},
        {"language": "fr"},
        {"key": "x"},
    ],
)
def test_a_wrong_post_is_explained(owner, local_tenant, given):
    form = {"key": KEY, "text": "Fresh jalebi", "language": "en", **given}
    answer = owner.post("/google/post/new/", form)
    assert answer.status_code == 422
    with tenant_context(local_tenant):
        assert not GooglePost.objects.exists()


def test_by_hand_a_post_is_noted_and_taken_back(owner, local_tenant):
    owner.post("/google/post/new/", {"key": KEY, "text": "Fresh", "language": "en"})
    assert "You posted it on" in text_of(owner.get("/google/post/"))
    with tenant_context(local_tenant):
        post = GooglePost.objects.get()
    owner.post(f"/google/post/{post.pk}/stop/")
    with tenant_context(local_tenant):
        assert not GooglePost.objects.exists()


PAGES = ("/google/", "/google/reviews/", "/google/reviews/?show=all", "/google/hours/")


def test_who_may_only_look_changes_nothing(onlooker, local_tenant, review):
    one = f"/google/reviews/{review.pk}/"
    for address in (*PAGES, "/google/post/", one):
        page = onlooker.get(address)
        assert page.status_code == 200
        assert 'method="post"' not in text_of(page).split("<main")[1].split("</main>")[0]
    tries = {
        "/google/read/": {},
        "/google/reviews/add/": {"stars": "5", "text": "x"},
        f"{one}reply/": {"text": "x", "read_hash": "0" * 64, "act": "approve"},
        f"{one}draft/": {},
        f"{one}not-posted/": {},
        f"{one}remove/": {},
        "/google/hours/set/": {"on": day(), "kind": "closed"},
        "/google/post/new/": {"key": KEY, "text": "x", "language": "en"},
    }
    for address, body in tries.items():
        assert onlooker.post(address, body).status_code == 403
    with tenant_context(local_tenant):
        assert Review.objects.count() == 1
        assert ReviewReply.objects.get().state == "draft"
        assert not HoursChange.objects.exists()
        assert not GooglePost.objects.exists()


def test_a_stranger_is_refused(workspace_client, local_tenant, meera):
    stranger = workspace_client(local_tenant, meera)
    for address in (*PAGES, "/google/post/"):
        assert stranger.get(address).status_code in (302, 403)


def test_what_is_not_there_is_a_404(owner):
    assert owner.get("/google/reviews/999/").status_code == 404
    assert owner.get(f"/google/reviews/{10**30}/").status_code == 404
    assert owner.post("/google/reviews/999/remove/").status_code == 404


def test_a_list_of_many_has_a_next_page(owner, local_tenant):
    with tenant_context(local_tenant):
        for number in range(23):
            review_paste(stars=5, text=f"Review {number}", now=clock.now())
    first = text_of(owner.get("/google/reviews/"))
    older = re.search(r'href="\?before=(\d+)"', first)[1]
    second = text_of(owner.get(f"/google/reviews/?before={older}"))
    assert first.count("See the drafted reply") == 20
    assert second.count("See the drafted reply") == 3
    assert owner.get("/google/reviews/?before=x").status_code == 200


def test_looking_at_a_review_writes_nothing(owner, local_tenant, review):
    with tenant_context(local_tenant):
        ReviewReply.objects.all().delete()
    assert "Drafted reply" in text_of(owner.get(f"/google/reviews/{review.pk}/"))
    with tenant_context(local_tenant):
        assert not ReviewReply.objects.exists()
        reply_ensure(review_id=review.pk, now=clock.now())


def test_no_page_has_inline_script_or_style(owner, review):
    for address in (*PAGES, "/google/post/", f"/google/reviews/{review.pk}/"):
        page = text_of(owner.get(address)).split("<main")[1]
        assert not re.search(r"\sstyle=|<script|\son[a-z]+=", page)
