"""A post on the profile."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from local.automation.google_business.forms import PostForm
from local.automation.google_business.front_door import GMBAutomation
from local.automation.google_business.selectors import posts_lately
from local.automation.google_business.services import post_cancel
from local.automation.google_business.services.posts import refuse
from local.automation.google_business.views.shared import said
from local.business.selectors import business_of
from local.guidance.selectors import guide_for
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.media.services import image_store
from marketing_platform.users.permissions import Permission, allowed, requires


@never_cache
@require_safe
@requires(Permission.READ)
def post(request: HttpRequest) -> HttpResponse:
    business = business_of(request.tenant)
    initial = {"key": f"page:{uuid4().hex}", "language": business.languages[0]}
    return _page(request, PostForm(initial=initial))


@require_POST
@requires(Permission.APPROVE_POSTS)
def post_new(request: HttpRequest) -> HttpResponse:
    form = PostForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            refuse(form.draft)  # before a picture is kept for nothing
            photo = form.cleaned_data["photo"]
            picture = (
                image_store(upload=photo, purpose="google_post", actor_id=request.user.pk)
                if photo
                else None
            )
            made = GMBAutomation().post(
                form.draft,
                picture=picture,
                key=form.cleaned_data["key"],
                now=clock.now(),
                actor_id=request.user.pk,
            )
        except PlatformError as error:
            form.add_error(error.field if error.field in form.fields else None, sentence_of(error))
        else:
            messages.success(request, _said_of(made.state))
            return redirect("local-google-post")
    return _page(request, form, status=422)


@require_POST
@requires(Permission.APPROVE_POSTS)
def post_stop(request: HttpRequest, post_id: int) -> HttpResponse:
    try:
        post_cancel(post_id=post_id, now=clock.now(), actor_id=request.user.pk)
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    else:
        messages.success(request, gettext("Taken back. It does not go out."))
    return redirect("local-google-post")


def _said_of(state: str) -> str:
    if state == "by_hand":
        return gettext("Noted as posted.")
    return gettext("Approved. It is on its way to Google.")


def _page(request: HttpRequest, form: PostForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "posts": [
            {"post": each, "failure": said(each.failure_sentence, each.failure_params)}
            for each in posts_lately()
        ],
        "is_by_hand": GMBAutomation().is_by_hand,
        "guide": guide_for("google.post"),
        "may_post": allowed(request.membership.role, Permission.APPROVE_POSTS),
    }
    return render(request, "local/google_business/post.html", context, status=status)
