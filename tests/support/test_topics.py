"""Help topics: complete in three languages, the page's own first, found by words."""

import pytest
from django.test import Client

from marketing_platform.support.models import TopicAnswer
from marketing_platform.support.topics import LANGUAGES, topic_find, topics, topics_for

HOST = {"HTTP_HOST": "localhost"}


def test_every_topic_is_whole_in_three_languages_and_leads_to_topics_that_exist():
    assert len(topics()) == 24
    for topic in topics():
        related = [topic_find(each) for each in topic.related]
        assert all(each and set(topic.tiers) <= set(each.tiers) for each in related), topic.slug
        said = [topic.words[language] for language in LANGUAGES]
        assert all(each.title and each.answer and each.search for each in said), topic.slug
        assert len({len(each.steps) for each in said}) == 1, topic.slug
        assert len({each.answer for each in said}) == 3, topic.slug


def test_the_topics_of_the_page_come_first_and_other_tiers_stay_away():
    found = topics_for(tier="local", page="/customers/", wanted="", language="en")
    assert found[0].slug == "import-customers"
    assert "board-brief" not in [each.slug for each in found]


def test_words_find_a_topic_in_the_language_of_the_reader():
    found = topics_for(tier="", page="", wanted="सहमति", language="hi")
    assert [each.slug for each in found] == ["whatsapp-consent"]


def test_a_word_of_several_topics_finds_those_of_the_tier_and_two_words_narrow_it():
    def found(wanted, tier, language="en", page=""):
        rows = topics_for(tier=tier, page=page, wanted=wanted, language=language)
        return [each.slug for each in rows]

    assert found("csv", "local") == ["import-customers", "export-data"]
    assert found("csv", "enterprise") == ["upload-data", "export-data"]
    assert found("ट्रायल", "local", "hi") == ["trial-ends", "cancel"]
    assert found("invoice", "enterprise", page="/billing/paper/")[0] == "tds-purchase-order"
    assert found("google review", "local") == ["review-replies"]
    assert found("हरवला नंबर", "enterprise", "mr") == ["lost-number"]


@pytest.mark.django_db
def test_help_is_searched_and_a_topic_opens_on_the_public_site():
    page = Client().get("/help/?q=gstin", **HOST).content.decode()
    assert 'href="/help/invoice-gst/"' in page
    assert 'href="/help/first-post/"' not in page
    assert "No answer has these words" in Client().get("/help/?q=zzz", **HOST).content.decode()
    topic = Client().get("/help/cancel/", **HOST)
    assert "How do I cancel?" in topic.content.decode()
    assert Client().get("/help/nothing-here/", **HOST).status_code == 404


def test_a_workspace_sees_the_topic_of_its_page_first(workspace_client, local_tenant, asha):
    browser = workspace_client(local_tenant, asha)
    page = browser.get("/help/?page=/billing/").content.decode()
    assert page.index("/help/cancel/") < page.index("/help/first-post/")
    assert browser.get("/help/first-post/").status_code == 200


@pytest.mark.django_db
def test_readers_say_whether_it_helped_and_count_once(workspace_client, local_tenant, asha):
    browser, other = workspace_client(local_tenant, asha), Client()
    page = browser.post("/help/cancel/useful/", {"useful": "no"}, follow=True)
    assert "Thank you" in page.content.decode()
    browser.post("/help/cancel/useful/", {"useful": "no"})
    other.post("/help/cancel/useful/", {"useful": "yes"}, **HOST)
    other.post("/help/cancel/useful/", {"useful": "rubbish"}, **HOST)
    assert other.post("/help/nothing-here/useful/", {"useful": "yes"}, **HOST).status_code == 404
    row = TopicAnswer.objects.get(slug="cancel")
    assert (row.language, row.useful, row.not_useful) == ("en", 1, 1)


@pytest.mark.django_db
def test_help_has_an_address_in_each_language_and_is_found():
    page = Client().get("/hi/help/cancel/", **HOST)
    assert page["Content-Language"] == "hi"
    assert topic_find("cancel").said("hi").title in page.content.decode()
    assert 'hreflang="mr" href="http://localhost/mr/help/cancel/"' in page.content.decode()
    found = Client().get("/sitemap.xml", **HOST).content.decode()
    assert "/hi/help/cancel/" in found
