"""Who works here: inviting, roles, handing the business over, removing, leaving."""

from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import OutsideFailure, PlatformError
from marketing_platform.people.models import INVITED_AS, Invitation
from marketing_platform.people.offers import offer_of, ownership_offer, ownership_take_back
from marketing_platform.people.selectors import open_invitations
from marketing_platform.people.services import (
    RANK,
    invitation_make,
    invitation_send,
    invitation_withdraw,
    member_remove,
    role_change,
    workspace_leave,
)
from marketing_platform.users.models import Membership
from marketing_platform.users.permissions import (
    ROLE_LABELS,
    Permission,
    Role,
    allowed,
    requires,
)
from marketing_platform.users.phones import phone_parse
from marketing_platform.users.recent import recent_sign_in_required

ROLE_TEXTS = {
    "owner": gettext_noop("Everything, billing and closing included."),
    "manager": gettext_noop("Everything except billing and closing."),
    "staff": gettext_noop("Prepares and shares posts."),
    "billing": gettext_noop("Sees the work, pays the invoices."),
    "viewer": gettext_noop("Sees the work, changes nothing."),
}


class InviteForm(forms.Form):
    """A mobile number or an e-mail in one field; which it is, its writing tells."""

    contact = forms.CharField(
        label=_("Mobile number or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "99999 00001"}),
        error_messages={"required": _("Write the number or the e-mail of the person.")},
    )
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, by: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"].choices = _choices(by)
        self.initial.setdefault("role", Role.STAFF.value)

    def clean_contact(self) -> str:
        text = self.cleaned_data["contact"].strip()
        if "@" in text:
            return forms.EmailField(
                error_messages={"invalid": _("Write the e-mail as name@example.com.")}
            ).clean(text.lower())
        try:
            return phone_parse(text)
        except PlatformError as error:
            raise forms.ValidationError(sentence_of(error)) from error


def _choices(by: str) -> list[tuple[str, str]]:
    """The roles below one's own."""
    rank = RANK[Role(by)]
    below = (role for role in INVITED_AS if RANK[role] > rank)
    return [(role.value, gettext(ROLE_LABELS[role.value])) for role in below]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.READ)
def team(request: HttpRequest) -> HttpResponse:
    """The list for everybody; inviting for those who may. The new link is shown on this answer."""
    may_manage = allowed(request.membership.role, Permission.TEAM)
    if request.method == "POST" and not may_manage:
        return render(request, "403.html", status=403)
    given = request.POST if request.method == "POST" else None
    form = InviteForm(given, by=request.membership.role) if may_manage else None
    made = None
    if form is not None and request.method == "POST" and form.is_valid():
        made = _invite(request, form)
        if made is not None:
            form = InviteForm(by=request.membership.role)
    return _page(request, form, made)


def _invite(request: HttpRequest, form: InviteForm) -> dict[str, str] | None:
    contact, language = form.cleaned_data["contact"], get_language() or "en"
    kind = "email" if "@" in contact else "phone"
    try:
        row, url = invitation_make(
            tenant=request.tenant,
            by=request.membership,
            role=form.cleaned_data["role"],
            now=clock.now(),
            **({"phone": "", "email": ""} | {kind: contact}),
        )
    except PlatformError as error:
        field = {"phone": "contact", "email": "contact", "role": "role"}.get(error.field or "")
        form.add_error(field, sentence_of(error))
        return None
    try:
        invitation_send(invitation=row, url=url, language=language)
        messages.success(request, gettext("Sent to %(who)s.") % {"who": row.destination})
    except OutsideFailure:
        messages.warning(request, gettext("It could not be sent. Give the link below yourself."))
    text = gettext("Come and work with me in %(business)s: %(url)s")
    words = text % {"business": request.tenant.name, "url": url}
    number = row.phone.removeprefix("+")
    return {
        "url": url,
        "whatsapp_url": f"https://wa.me/{number}?text={quote(words)}",
        "picture": segno.make(url, error="m").svg_data_uri(scale=5, border=2),
    }


@never_cache
@require_POST
@requires(Permission.TEAM)
def team_withdraw(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    def withdraw() -> None:
        by = request.membership
        invitation_withdraw(
            tenant=request.tenant, invitation_id=invitation_id, by=by, now=clock.now()
        )

    return _done(request, withdraw, gettext("Withdrawn. The link no longer works."))


@never_cache
@require_POST
@requires(Permission.TEAM)
def team_role(request: HttpRequest, membership_id: int) -> HttpResponse:
    def change() -> None:
        role_change(
            tenant=request.tenant,
            membership_id=membership_id,
            role=request.POST.get("role", ""),
            by=request.membership,
            now=clock.now(),
        )

    return _done(request, change, gettext("Saved. It holds from the next page on."))


@never_cache
@require_POST
@requires(Permission.TEAM)
def team_remove(request: HttpRequest, membership_id: int) -> HttpResponse:
    def remove() -> None:
        by = request.membership
        member_remove(tenant=request.tenant, membership_id=membership_id, by=by, now=clock.now())

    return _done(request, remove, gettext("Removed, and signed out everywhere."))


@never_cache
@require_POST
@requires(Permission.CLOSE)
@recent_sign_in_required
def team_hand_over(request: HttpRequest, membership_id: int) -> HttpResponse:
    """The owner's own act, which the other has to accept; the typed name confirms it."""
    if request.POST.get("name", "").strip() != request.tenant.name:
        messages.error(request, gettext("Type the name of the business as it is written above."))
        return redirect("team")

    def offer() -> None:
        by = request.membership
        ownership_offer(tenant=request.tenant, membership_id=membership_id, by=by, now=clock.now())

    return _done(request, offer, gettext("Offered. You stay the owner until they accept."))


@never_cache
@require_POST
@requires(Permission.CLOSE)
def team_take_back(request: HttpRequest) -> HttpResponse:
    def take_back() -> None:
        ownership_take_back(tenant=request.tenant, by=request.membership, now=clock.now())

    return _done(request, take_back, gettext("Taken back. You stay the owner."))


@never_cache
@require_POST
@requires(Permission.READ, when_read_only=True)
def team_leave(request: HttpRequest) -> HttpResponse:
    try:
        workspace_leave(tenant=request.tenant, membership=request.membership, now=clock.now())
    except PlatformError as error:
        messages.error(request, sentence_of(error))
        return redirect("team")
    return redirect(settings.PUBLIC_URL + reverse_public("my_businesses"))


def reverse_public(name: str) -> str:
    return reverse(name, urlconf=settings.ROOT_URLCONF)


def _done(request: HttpRequest, act: Any, said: str) -> HttpResponse:
    try:
        act()
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    else:
        messages.success(request, said)
    return redirect("team")


def _page(
    request: HttpRequest, form: InviteForm | None, made: dict[str, str] | None
) -> HttpResponse:
    rows = list(Membership.objects.select_related("user").order_by("created_at"))
    mine, now = request.membership, clock.now()
    may_manage = form is not None
    owners = [row for row in rows if row.role == Role.OWNER]
    context = {
        "title": gettext("Team"),
        "subtitle": gettext("Who works in this workspace, and what each may do."),
        "members": [_member(row, mine, may_manage) for row in rows],
        "invitations": [_waiting(row) for row in open_invitations(request.tenant, now)]
        if may_manage
        else [],
        "form": form,
        "made": made,
        "role_choices": _choices(mine.role) if may_manage else [],
        "may_leave": not (mine.role == Role.OWNER and len(owners) == 1),
        "offer": _offer(request, rows, now),
        "may_hand_over": mine.role == Role.OWNER and len(rows) > 1,
        "roles": [
            {"label": gettext(ROLE_LABELS[role]), "text": gettext(text)}
            for role, text in ROLE_TEXTS.items()
        ],
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "dashboard/team.html", context, status=status)


def _offer(request: HttpRequest, rows: list[Membership], now: datetime) -> dict[str, Any] | None:
    """An open offer of ownership, for the two whom it concerns."""
    offer, mine = offer_of(request.tenant, now), request.membership
    if offer is None or mine.user_id not in {offer.to_user_id, offer.by_user_id}:
        return None
    names = {row.user_id: str(row.user) for row in rows}
    return {
        "to": names.get(offer.to_user_id, ""),
        "by": names.get(offer.by_user_id, ""),
        "is_to_you": offer.to_user_id == mine.user_id,
        "until": offer.expires_at,
        "answer_url": settings.PUBLIC_URL + reverse_public("my_businesses"),
    }


def _member(row: Membership, mine: Membership, may_manage: bool) -> dict[str, Any]:
    is_below = RANK[Role(row.role)] > RANK[Role(mine.role)]
    return {
        "id": row.pk,
        "name": str(row.user),
        "role": row.role,
        "role_label": gettext(ROLE_LABELS[row.role]),
        "contact": row.user.phone or row.user.email,
        "is_you": row.user_id == mine.user_id,
        "may_change": may_manage and is_below,
    }


def _waiting(row: Invitation) -> dict[str, Any]:
    return {
        "id": row.pk,
        "contact": row.destination,
        "role_label": gettext(ROLE_LABELS[row.role]),
        "expires_at": row.expires_at,
    }
