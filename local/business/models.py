"""The one public row of a Local workspace: what staff list and every feature reads."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from local.business.engine import CATEGORIES
from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned


class BudgetBand(models.TextChoices):
    """What the owner can spend on marketing in a month, without our subscription."""

    UNSET = "unset", _("Not decided yet")
    UP_TO_500 = "up_to_500", _("Up to ₹500")
    UP_TO_2000 = "up_to_2000", _("₹500 to ₹2,000")
    UP_TO_5000 = "up_to_5000", _("₹2,000 to ₹5,000")
    UP_TO_20000 = "up_to_20000", _("₹5,000 to ₹20,000")
    ABOVE_20000 = "above_20000", _("More than ₹20,000")


CATEGORY_CHOICES = [(slug, category.names["en"]) for slug, category in CATEGORIES.items()]


class LocalBusiness(TenantOwned):
    """A shop, salon, clinic, class. `city` is a slug, `state` its ISO 3166-2:IN code."""

    kept_as = Kept.OWN

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    category = models.CharField(max_length=20, choices=CATEGORY_CHOICES)
    city = models.CharField(max_length=40)
    state = models.CharField(max_length=2)
    languages = models.JSONField()
    phone = models.CharField(max_length=16, blank=True, default="")
    address = models.CharField(max_length=300, blank=True, default="")
    licence_number = models.CharField(max_length=40, blank=True, default="")
    primary_colour = models.CharField(max_length=7)
    accent_colour = models.CharField(max_length=7)
    monthly_budget_band = models.CharField(
        max_length=12, choices=BudgetBand, default=BudgetBand.UNSET
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = "local business"
        verbose_name_plural = "local businesses"
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="one_business_per_workspace"),
            models.CheckConstraint(condition=~Q(name=""), name="a_business_has_a_name"),
            models.CheckConstraint(
                condition=Q(category__in=list(CATEGORIES)), name="a_category_is_one_of_ours"
            ),
            models.CheckConstraint(
                condition=Q(state__regex=r"^[A-Z]{2}$"), name="a_state_is_a_two_letter_code"
            ),
            models.CheckConstraint(
                condition=~Q(languages=[]),
                name="a_business_has_at_least_one_language",
            ),
            models.CheckConstraint(
                condition=Q(phone="") | Q(phone__regex=r"^\+91[0-9]{8,11}$"),
                name="a_business_phone_is_indian_e164",
            ),
            models.CheckConstraint(
                condition=Q(primary_colour__regex=r"^#[0-9a-f]{6}$")
                & Q(accent_colour__regex=r"^#[0-9a-f]{6}$"),
                name="brand_colours_are_hexadecimal",
            ),
            models.CheckConstraint(
                condition=Q(monthly_budget_band__in=[band.value for band in BudgetBand]),
                name="a_budget_band_is_one_of_ours",
            ),
        ]

    def __str__(self) -> str:
        return self.name
