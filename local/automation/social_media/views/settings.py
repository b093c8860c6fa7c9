"""The look of posters, and the owner's offers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from local.automation.social_media.forms import BrandForm, ClinicPhotoForm, OfferForm, PhotoForm
from local.automation.social_media.selectors import brand_kit, offers_listed
from local.automation.social_media.services import (
    brand_photo_remove,
    brand_photo_set,
    brand_update,
    offer_add,
    offer_end,
)
from local.automation.social_media.views.shared import picture_address
from local.business.models import LocalBusiness
from local.business.selectors import business_of
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.users.permissions import Permission, allowed, requires


@never_cache
@require_safe
@requires(Permission.READ)
def brand(request: HttpRequest) -> HttpResponse:
    return _brand_page(request)


@require_POST
@requires(Permission.WORK)
def brand_save(request: HttpRequest) -> HttpResponse:
    business = business_of(request.tenant)
    form = BrandForm(request.POST)
    if form.is_valid():
        try:
            brand_update(
                category=business.category,
                primary_colour=_own(form, business, "primary_colour"),
                accent_colour=_own(form, business, "accent_colour"),
                tagline=form.cleaned_data["tagline"],
                now=clock.now(),
                actor_id=request.user.pk,
            )
        except PlatformError as error:
            form.add_error(error.field, sentence_of(error))
        else:
            messages.success(request, gettext("Saved. Posters use it from now on."))
            return redirect("local-brand")
    return _brand_page(request, form=form, status=422)


@require_POST
@requires(Permission.WORK)
def photo_save(request: HttpRequest) -> HttpResponse:
    form = _photo_form(business_of(request.tenant))(request.POST, request.FILES)
    if form.is_valid():
        try:
            brand_photo_set(
                upload=form.cleaned_data["photo"], now=clock.now(), actor_id=request.user.pk
            )
        except PlatformError as error:
            form.add_error("photo", sentence_of(error))
        else:
            messages.success(request, gettext("Saved. Your photo is on the posters now."))
            return redirect("local-brand")
    return _brand_page(request, photo_form=form, status=422)


@require_POST
@requires(Permission.WORK)
def photo_remove(request: HttpRequest) -> HttpResponse:
    brand_photo_remove(now=clock.now(), actor_id=request.user.pk)
    messages.success(request, gettext("Removed. Posters are made without a photo."))
    return redirect("local-brand")


@never_cache
@require_safe
@requires(Permission.READ)
def offers(request: HttpRequest) -> HttpResponse:
    return _offers_page(request, OfferForm(today=clock.today()))


@require_POST
@requires(Permission.APPROVE_SPEND)
def offer_new(request: HttpRequest) -> HttpResponse:
    present = clock.today()
    form = OfferForm(request.POST, today=present)
    if form.is_valid():
        try:
            offer_add(
                category=business_of(request.tenant).category,
                today=present,
                now=clock.now(),
                actor_id=request.user.pk,
                **form.cleaned_data,
            )
        except PlatformError as error:
            form.add_error(error.field, sentence_of(error))
        else:
            messages.success(request, gettext("Added. At most 3 posts in 10 will carry it."))
            return redirect("local-offers")
    return _offers_page(request, form, status=422)


@require_POST
@requires(Permission.APPROVE_SPEND)
def offer_close(request: HttpRequest, offer_id: int) -> HttpResponse:
    try:
        offer_end(offer_id=offer_id, now=clock.now())
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    else:
        messages.success(request, gettext("Ended. No post mentions it any more."))
    return redirect("local-offers")


def _brand_page(
    request: HttpRequest,
    *,
    form: BrandForm | None = None,
    photo_form: PhotoForm | None = None,
    status: int = 200,
) -> HttpResponse:
    business, kit = business_of(request.tenant), brand_kit()
    look = {
        "name": business.name,
        "primary_colour": (kit and kit.primary_colour) or business.primary_colour,
        "accent_colour": (kit and kit.accent_colour) or business.accent_colour,
        "tagline": kit.tagline if kit else "",
    }
    photo = kit.owner_photo if kit else None
    context = {
        "title": gettext("Look of your posters"),
        "subtitle": gettext("Colours, a line about you, and a photo of your place or work."),
        "brand": look,
        "form": form or BrandForm(initial=look),
        "photo_form": photo_form or _photo_form(business)(),
        "photo": photo,
        "photo_url": picture_address(photo.pk) if photo else "",
        "may_work": allowed(request.membership.role, Permission.WORK),
    }
    return render(request, "local/social_media/brand.html", context, status=status)


def _photo_form(business: LocalBusiness) -> type[PhotoForm]:
    return ClinicPhotoForm if business.category == "clinic" else PhotoForm


def _own(form: BrandForm, business: LocalBusiness, field: str) -> str:
    """A colour of its own, or "" when it is the profile's, so that it follows the profile."""
    colour = form.cleaned_data[field].lower()
    return "" if colour == getattr(business, field) else colour


def _offers_page(request: HttpRequest, form: OfferForm, status: int = 200) -> HttpResponse:
    present = clock.today()
    context = {
        "offers": [
            {"offer": offer, "has_begun": offer.valid_from <= present}
            for offer in offers_listed(present)
        ],
        "form": form,
        "is_clinic": business_of(request.tenant).category == "clinic",
        "may_change": allowed(request.membership.role, Permission.APPROVE_SPEND),
    }
    return render(request, "local/social_media/offers.html", context, status=status)
