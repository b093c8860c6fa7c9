"""The brief in a workspace: made, read, approved, taken away."""

from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from enterprise.data_sources.services import sample_show
from enterprise.market_intelligence.front_door import IntelligenceEngine
from enterprise.strategic_synthesizer.engine.rendering import untraced
from enterprise.strategic_synthesizer.errors import BriefChanged, BriefMissing
from enterprise.strategic_synthesizer.front_door import BriefRequest, StrategicSynthesizer
from enterprise.strategic_synthesizer.models import BriefVersion
from enterprise.strategic_synthesizer.selectors import StoredBrief, brief_of, latest_brief
from marketing_platform.audit.models import AuditEntry
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import Membership, User

pytestmark = pytest.mark.django_db
NOW = clock.now()


@pytest.fixture
def company(enterprise_tenant: Tenant) -> Iterator[Tenant]:
    with tenant_context(enterprise_tenant):
        yield enterprise_tenant


def make(company: Tenant, **more: Any) -> StoredBrief:
    return StrategicSynthesizer().create_brief(BriefRequest(tenant=company, now=NOW, **more))


class Article(HTMLParser):
    """The words of the brief itself, and of the evidence."""

    def __init__(self) -> None:
        super().__init__()
        self.depth, self.texts = 0, []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        names = dict(attrs)
        if (
            tag == "article"
            or "popover" in names
            or (self.depth and tag not in ("input", "br", "img"))
        ):
            self.depth += 1

    def handle_endtag(self, tag: str) -> None:
        self.depth = max(0, self.depth - 1)

    def handle_data(self, text: str) -> None:
        if self.depth:
            self.texts.append(text)


def texts_of(html: str) -> list[str]:
    parser = Article()
    parser.feed(html)
    return ["".join(parser.texts)]


def test_an_empty_workspace_has_a_page_that_offers_the_first_brief(
    company: Tenant, vikram: User, session_for: Any
) -> None:
    browser = session_for(vikram, company)
    assert "No brief yet" in browser.get("/brief/").content.decode()
    assert browser.get("/api/enterprise/brief").json()["code"] == "no_brief"

    answer = browser.post("/brief/make/", follow=True)

    assert "No budget model yet" in answer.content.decode()
    with tenant_context(company):
        assert BriefVersion.objects.count() == 1


def test_the_same_data_make_the_same_brief(company: Tenant) -> None:
    first = make(company)
    again = StrategicSynthesizer().create_brief(
        BriefRequest(tenant=company, now=NOW + timedelta(minutes=5))
    )

    assert again.id == first.id


def test_every_number_on_the_page_is_in_the_evidence(
    company: Tenant, vikram: User, session_for: Any
) -> None:
    sample_show(today=clock.today(NOW), now=NOW)
    IntelligenceEngine().get_feed()
    stored = make(company)
    assert len(stored.brief.evidence) >= 3
    browser = session_for(vikram, company)

    for language in ("en", "hi"):
        browser.post("/language/", {"language": language})
        html = browser.get("/brief/").content.decode()
        texts = texts_of(html)
        assert len(texts[0]) > 500
        assert untraced(texts, stored.brief, language=language) == []
        assert untraced([*texts, " 17.4 "], stored.brief, language=language) == ["17.4"]
        for each in stored.brief.evidence:
            assert html.count(f'id="evidence-{each.id}"') == 1
            assert f'popovertarget="evidence-{each.id}"' in html


def test_only_what_was_read_is_approved(company: Tenant, vikram: User) -> None:
    stored = make(company)
    door = StrategicSynthesizer()
    with pytest.raises(BriefChanged):
        door.approve(brief_id=stored.id, content_hash="x", actor_id=vikram.pk, now=NOW)
    with pytest.raises(BriefMissing):
        door.approve(brief_id=vikram.pk, content_hash="x", actor_id=vikram.pk, now=NOW)
    assert not brief_of(stored.id).is_approved

    approved = door.approve(
        brief_id=stored.id, content_hash=stored.content_hash, actor_id=vikram.pk, now=NOW
    )
    again = door.approve(
        brief_id=stored.id, content_hash=stored.content_hash, actor_id=vikram.pk, now=NOW
    )

    assert approved.is_approved
    assert again.approved_at == approved.approved_at
    assert AuditEntry.objects.filter(action="brief.approved").count() == 1


def test_the_files_are_given_to_those_who_may_export(
    company: Tenant, vikram: User, session_for: Any
) -> None:
    stored = make(company)
    browser = session_for(vikram, company)

    pdf = browser.get(f"/brief/{stored.id}/brief.pdf")
    pptx = browser.get(f"/brief/{stored.id}/brief.pptx")
    assert pdf.content.startswith(b"%PDF")
    assert pptx.content.startswith(b"PK")
    assert browser.get(f"/api/enterprise/brief/{stored.id}/file/pdf").content[:4] == b"%PDF"
    assert browser.get(f"/api/enterprise/brief/{stored.id}/file/exe").status_code == 404
    Membership.objects.filter(user=vikram).update(role="viewer")
    assert session_for(vikram, company).get(f"/brief/{stored.id}/brief.pdf").status_code == 403


def test_the_api_gives_figures_with_their_evidence(
    company: Tenant, vikram: User, session_for: Any
) -> None:
    browser = session_for(vikram, company)
    made = browser.post("/api/enterprise/brief/make")
    assert made.status_code == 201
    body = browser.get("/api/enterprise/brief").json()

    assert body["id"] == made.json()["id"]
    named = {
        piece["evidence"]
        for section in body["sections"]
        for claim in section["claims"]
        for piece in claim
        if piece["evidence"]
    }
    assert named == {each["id"] for each in body["evidence"]}
    assert all(each["run_hash"] for each in body["evidence"])


def test_there_is_no_brief_of_another_workspace(company: Tenant) -> None:
    assert latest_brief() is None
