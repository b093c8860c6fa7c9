"""Reviews: the list, one review with its reply, and pasting by hand."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from local.automation.google_business.engine.replies import content_hash
from local.automation.google_business.forms import PasteForm, ReplyForm
from local.automation.google_business.front_door import GMBAutomation
from local.automation.google_business.models import Review, ReviewReply
from local.automation.google_business.selectors import review_of, reviews_of
from local.automation.google_business.services import (
    reply_draft_again,
    reply_drafted,
    reply_not_posted,
    review_remove,
)
from local.automation.google_business.views.shared import reasons_of, said
from local.guidance.selectors import guide_for
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.users.permissions import Permission, allowed, requires

PAGE = 20
OPEN = ("draft", "refused")


@never_cache
@require_safe
@requires(Permission.READ)
def review_list(request: HttpRequest) -> HttpResponse:
    return _list(request)


@require_POST
@requires(Permission.WORK)
def review_new(request: HttpRequest) -> HttpResponse:
    form = PasteForm(request.POST)
    if form.is_valid():
        try:
            review = GMBAutomation().paste_review(
                **form.cleaned_data, now=clock.now(), actor_id=request.user.pk
            )
        except PlatformError as error:
            form.add_error(error.field if error.field in form.fields else None, sentence_of(error))
        else:
            return redirect("local-google-review", review_id=review.pk)
    return _list(request, form=form, status=422)


@never_cache
@require_safe
@requires(Permission.READ)
def review_page(request: HttpRequest, review_id: int) -> HttpResponse:
    return _page(request, review_of(review_id))


@require_POST
@requires(Permission.APPROVE_POSTS)
def review_reply(request: HttpRequest, review_id: int) -> HttpResponse:
    """Save the words, or save and approve them as they stand in the form."""
    review = review_of(review_id)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _page(request, review, form=form, status=422)
    is_approved = request.POST.get("act") == "approve"
    try:
        reply = _saved(review_id, form)
        if is_approved:
            reply = GMBAutomation().approve(
                review_id, reply.content_hash, now=clock.now(), actor_id=request.user.pk
            )
    except PlatformError as error:
        form.add_error(error.field if error.field in form.fields else None, sentence_of(error))
        return _page(request, review_of(review_id), form=form, status=422)
    messages.success(request, _said_of(reply, is_approved))
    return redirect("local-google-review", review_id=review_id)


@require_POST
@requires(Permission.WORK)
def review_draft_again(request: HttpRequest, review_id: int) -> HttpResponse:
    return _done(request, review_id, reply_draft_again)


@require_POST
@requires(Permission.APPROVE_POSTS)
def review_not_posted(request: HttpRequest, review_id: int) -> HttpResponse:
    return _done(request, review_id, reply_not_posted)


@require_POST
@requires(Permission.WORK)
def review_delete(request: HttpRequest, review_id: int) -> HttpResponse:
    review_remove(review_id=review_id)
    messages.success(request, gettext("Removed here. On Google nothing changed."))
    return redirect("local-google-reviews")


def _saved(review_id: int, form: ReplyForm) -> ReviewReply:
    """What the form says, unless it is what stands already. The words that somebody else changed
    since the page was shown are not written over."""
    given = form.cleaned_data
    reply = GMBAutomation().draft(review_id, now=clock.now())
    text = given["text"].replace("\r\n", "\n").strip()
    if content_hash(text) == reply.content_hash:
        return reply
    return GMBAutomation().edit(review_id, text, now=clock.now(), read_hash=given["read_hash"])


def _said_of(reply: ReviewReply, is_approved: bool) -> str:
    if not is_approved:
        return gettext("Saved. Nothing is on Google yet.")
    if reply.state == "by_hand":
        return gettext("Noted as answered.")
    return gettext("Approved. It is on its way to Google.")


def _done(request: HttpRequest, review_id: int, service: Any) -> HttpResponse:
    try:
        service(review_id=review_id, now=clock.now())
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    return redirect("local-google-review", review_id=review_id)


def _list(
    request: HttpRequest, *, form: PasteForm | None = None, status: int = 200
) -> HttpResponse:
    shows_all = request.GET.get("show") == "all"
    before = request.GET.get("before", "")
    last = int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else None
    found = list(reviews_of(is_unanswered=not shows_all, before=last)[: PAGE + 1])
    context = {
        "reviews": found[:PAGE],
        "older": found[PAGE - 1].pk if len(found) > PAGE else None,
        "shows_all": shows_all,
        "has_any": bool(found) or Review.objects.exists(),
        "is_by_hand": GMBAutomation().is_by_hand,
        "form": form or PasteForm(),
        "may_work": allowed(request.membership.role, Permission.WORK),
    }
    return render(request, "local/google_business/reviews.html", context, status=status)


def _page(
    request: HttpRequest, review: Review, *, form: ReplyForm | None = None, status: int = 200
) -> HttpResponse:
    may_reply = allowed(request.membership.role, Permission.APPROVE_POSTS)
    reply = ReviewReply.objects.filter(review=review).first()
    if reply is None and review.replied_at is None and may_reply:
        reply = reply_drafted(review, ReviewReply(review=review), clock.now())
    is_open = reply is not None and reply.state in OPEN and review.replied_at is None
    initial = {"text": reply.text, "read_hash": reply.content_hash} if reply else {}
    context = {
        "review": review,
        "reply": reply,
        "is_open": is_open,
        "reasons": reasons_of(reply) if reply else [],
        "failure": said(reply.failure_sentence, reply.failure_params) if reply else "",
        "is_by_hand": GMBAutomation().is_by_hand or review.remote_name is None,
        "guide": guide_for("google.review_reply"),
        "form": form or ReplyForm(initial=initial),
        "may_reply": may_reply,
        "may_work": allowed(request.membership.role, Permission.WORK),
    }
    return render(request, "local/google_business/review.html", context, status=status)
