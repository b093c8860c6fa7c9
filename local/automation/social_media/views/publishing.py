"""What one taps on the approve sheet. Every button names its day; the words are bound by hash."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from local.automation.social_media.errors import PostMissing
from local.automation.social_media.forms import ApproveForm, NetworksForm, NoForm, WordsForm
from local.automation.social_media.front_door import NETWORK_LABELS, SocialMediaAutomation
from local.automation.social_media.models import PlannedPost
from local.automation.social_media.selectors import channels, open_posts
from local.automation.social_media.views.posts import (
    back_with_error,
    post_again,
    post_with_words,
)
from local.automation.social_media.views.states import told
from local.business.selectors import business_of
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.jobs.services import job_start
from marketing_platform.users.permissions import Permission, requires

Act = Callable[[SocialMediaAutomation, str], PlannedPost | None]


@never_cache
@require_POST
@requires(Permission.APPROVE_POSTS)
def approve(request: HttpRequest) -> HttpResponse:
    """Yes to what was read, for each ticked network, and when."""
    form, now = ApproveForm(request.POST), clock.now()
    if not form.is_valid():
        return back_with_error(request, form)
    given, at = form.cleaned_data, form.at(now)

    def say_yes(door: SocialMediaAutomation, network: str) -> PlannedPost:
        post = _proposed(door, network, given, now, request)
        seen = request.POST.get(f"hash_{network}", "")
        return door.approve_and_schedule(post.pk, seen, at=at, now=now, actor_id=request.user.pk)

    for post in _each(request, given["networks"], say_yes):
        line = told(post, clock.today(now))
        text = f"{line['label']}: {line['words']}"
        if at is not None and post.scheduled_at and post.scheduled_at > at:
            text = gettext("That time has passed.") + f" {text}"
        messages.success(request, text)
    return post_again(request, given["on"], given["language"])


@never_cache
@require_POST
@requires(Permission.APPROVE_POSTS)
def words(request: HttpRequest) -> HttpResponse:
    """The owner's words in place of ours. What is refused stays in the field."""
    form, now = WordsForm(request.POST), clock.now()
    if not form.is_valid():
        return back_with_error(request, form)
    given, door = form.cleaned_data, SocialMediaAutomation(business_of(request.tenant))
    try:
        post = _proposed(door, given["network"], given, now, request)
        door.edit(post.pk, given["caption"], now=now, actor_id=request.user.pk)
    except PlatformError as error:
        typed = {given["network"]: (given["caption"], sentence_of(error))}
        return post_with_words(request, given["on"], given["language"], typed)
    messages.success(request, gettext("Saved. Read it once more, then approve."))
    return post_again(request, given["on"], given["language"])


@never_cache
@require_POST
@requires(Permission.APPROVE_POSTS)
def later(request: HttpRequest) -> HttpResponse:
    form, now = NetworksForm(request.POST), clock.now()
    if not form.is_valid():
        return back_with_error(request, form)
    given = form.cleaned_data

    def put_aside(door: SocialMediaAutomation, network: str) -> PlannedPost:
        post = _proposed(door, network, given, now, request)
        return door.later(post.pk, now=now, actor_id=request.user.pk)

    if _each(request, given["networks"], put_aside):
        messages.info(request, gettext("Put aside. It waits here until its day ends."))
    return post_again(request, given["on"], given["language"])


@never_cache
@require_POST
@requires(Permission.APPROVE_POSTS)
def no(request: HttpRequest) -> HttpResponse:
    """No, because…"""
    form, now = NoForm(request.POST), clock.now()
    if not form.is_valid():
        return back_with_error(request, form)
    given = form.cleaned_data

    def say_no(door: SocialMediaAutomation, network: str) -> PlannedPost:
        post = _proposed(door, network, given, now, request)
        return door.decline(post.pk, given["reason"], now=now, actor_id=request.user.pk)

    if _each(request, given["networks"], say_no):
        messages.info(request, gettext("Noted. It is not sent."))
    return post_again(request, given["on"], given["language"])


@never_cache
@require_POST
@requires(Permission.APPROVE_POSTS)
def stop(request: HttpRequest) -> HttpResponse:
    """Take back what is planned."""
    form, now = NetworksForm(request.POST), clock.now()
    if not form.is_valid():
        return back_with_error(request, form)
    given = form.cleaned_data

    def take_back(door: SocialMediaAutomation, network: str) -> PlannedPost:
        post = open_posts(given["on"], network).first()
        if post is None:
            raise PostMissing
        return door.cancel(post.pk, now=now, actor_id=request.user.pk)

    if _each(request, given["networks"], take_back):
        messages.info(request, gettext("Stopped. It is not sent."))
    return post_again(request, given["on"], given["language"])


@never_cache
@require_POST
@requires(Permission.APPROVE_POSTS)
def week(request: HttpRequest) -> HttpResponse:
    """Propose the posts of seven days; drawing their posters takes some seconds."""
    if not channels():
        messages.info(request, gettext("Connect an account first. Then posts go out from here."))
        return redirect("connections")
    today = clock.today()
    job = job_start(
        kind="local.plan_week",
        arguments={"today": today.isoformat()},
        actor_id=request.user.pk,
        now=clock.now(),
        key=f"plan_week:{today}",
    )
    return redirect(f"{reverse('job', args=[job.pk])}?next={reverse('posts')}")


def _proposed(
    door: SocialMediaAutomation,
    network: str,
    given: dict[str, Any],
    now: datetime,
    request: HttpRequest,
) -> PlannedPost:
    return door.propose(
        given["on"],
        network,
        language=given["language"],
        variant=given["variant"],
        now=now,
        actor_id=request.user.pk,
    )


def _each(request: HttpRequest, networks: list[str], act: Act) -> list[PlannedPost]:
    """Act on each network; what is refused is said, and stops only its own."""
    door, done = SocialMediaAutomation(business_of(request.tenant)), []
    for network in networks:
        try:
            done.append(act(door, network))
        except PlatformError as error:
            messages.error(request, f"{NETWORK_LABELS[network]}: {sentence_of(error)}")
    return [post for post in done if post is not None]
