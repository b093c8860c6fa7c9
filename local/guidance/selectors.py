"""Reading guides, their runs, and the links that lead to this shop's own pages."""

from urllib.parse import quote

from local.business.models import LocalBusiness
from local.guidance.engine import (
    Guide,
    GuideRow,
    GuideShown,
    Progress,
    guide_of_kind,
    guides,
    matching,
)
from local.guidance.engine.cards import qr_svg
from local.guidance.engine.proof import GOOGLE_HOSTS, is_link_to
from local.guidance.engine.showing import row, shown
from local.guidance.errors import CardLinkWrong, NoMobileNumber, UnknownGuide
from local.guidance.models import GuideRun
from marketing_platform.connections.selectors import connection_for
from marketing_platform.users.phones import InvalidPhone, phone_parse


def guide_of(slug: str) -> Guide:
    """Raises UnknownGuide."""
    guide = guides().get(slug)
    if guide is None:
        raise UnknownGuide
    return guide


def guide_for(task_kind: str) -> str | None:
    """The slug of the guide that does this task by hand ('google.post', 'whatsapp.status' …)."""
    guide = guide_of_kind(guides(), task_kind)
    return guide.slug if guide else None


def guide_shown(slug: str, language: str, *, subject: str = "") -> GuideShown:
    """The guide with the progress of its open run. Raises UnknownGuide."""
    guide = guide_of(slug)
    run = GuideRun.objects.filter(slug=slug, subject=subject, finished_at__isnull=True).first()
    return shown(guide, language, links(), progress_of(run) if run else None)


def guide_rows(language: str, query: str = "") -> list[GuideRow]:
    """The guides that a search means (all without one); what is begun stands first."""
    runs = GuideRun.objects.filter(subject="").prefetch_related("ticks")
    begun, last = {}, {}
    for run in runs:
        where = begun if run.finished_at is None else last
        where.setdefault(run.slug, progress_of(run))
    found = matching(guides().values(), query)
    rows = [row(each, language, begun.get(each.slug), last.get(each.slug)) for each in found]
    return sorted(rows, key=lambda each: not each.is_started)


def progress_of(run: GuideRun) -> Progress:
    return Progress(
        run_id=str(run.pk),
        version=run.version,
        started_at=run.started_at,
        finished_at=run.finished_at,
        ticked=frozenset(tick.step for tick in run.ticks.all()),
    )


def run_last_finished(slug: str, *, subject: str = "") -> GuideRun | None:
    finished = GuideRun.objects.filter(slug=slug, subject=subject, finished_at__isnull=False)
    return finished.order_by("-finished_at").first()


def links() -> dict[str, str]:
    """What fills the places in a guide's links, as far as it is known."""
    return {"review_link": review_link()}


def review_link() -> str:
    """The address at which anybody can review the shop; "" while Google is not connected."""
    connection = connection_for("google_business")
    found = str(connection.details.get("new_review_uri", "")) if connection else ""
    return found if found.startswith("https://") else ""


def shop_mobile(business: LocalBusiness) -> str:
    """The shop's number for wa.me (digits with 91), or "" when it is missing or a landline."""
    try:
        return phone_parse(business.phone).lstrip("+")
    except InvalidPhone:
        return ""


def review_card(link: str) -> str:
    """The QR picture (SVG) of a review link. Raises CardLinkWrong."""
    if link != review_link() and not is_link_to(link, GOOGLE_HOSTS):
        raise CardLinkWrong(field="link")
    return qr_svg(link)


def whatsapp_card(business: LocalBusiness, sentence: str) -> tuple[str, str]:
    """The wa.me link that opens a chat with the sentence, and its QR picture.

    Raises NoMobileNumber.
    """
    mobile = shop_mobile(business)
    if not mobile:
        raise NoMobileNumber
    link = f"https://wa.me/{mobile}?text={quote(sentence, safe='')}"
    return link, qr_svg(link)
