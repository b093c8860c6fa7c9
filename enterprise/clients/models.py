"""The company behind an Enterprise workspace. Public table: staff list every client together."""

from django.db import models
from django.db.models import Q

from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned

GSTIN_PATTERN = r"^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$"


class Industry(models.TextChoices):
    CONSUMER_DURABLES = "consumer_durables", "Consumer durables and appliances"
    CONSUMER_GOODS = "consumer_goods", "Consumer goods (FMCG)"
    RETAIL = "retail", "Retail and e-commerce"
    FINANCE = "finance", "Banking, finance and insurance"
    HEALTHCARE = "healthcare", "Healthcare and pharma"
    EDUCATION = "education", "Education"
    REAL_ESTATE = "real_estate", "Real estate and construction"
    AUTOMOTIVE = "automotive", "Automotive"
    TECHNOLOGY = "technology", "Software and IT services"
    TRAVEL = "travel", "Travel and hospitality"
    MANUFACTURING = "manufacturing", "Manufacturing and B2B"
    MEDIA = "media", "Media and telecom"
    OTHER = "other", "Other"


class EmployeeBand(models.TextChoices):
    UNSET = "unset", "Not said"
    UP_TO_50 = "up_to_50", "Up to 50"
    UP_TO_250 = "up_to_250", "51 to 250"
    UP_TO_1000 = "up_to_1000", "251 to 1,000"
    UP_TO_5000 = "up_to_5000", "1,001 to 5,000"
    ABOVE_5000 = "above_5000", "More than 5,000"


class RevenueBand(models.TextChoices):
    UNSET = "unset", "Not said"
    UP_TO_10_CRORE = "up_to_10_crore", "Up to ₹10 crore"
    UP_TO_50_CRORE = "up_to_50_crore", "₹10 to 50 crore"
    UP_TO_250_CRORE = "up_to_250_crore", "₹50 to 250 crore"
    UP_TO_1000_CRORE = "up_to_1000_crore", "₹250 to 1,000 crore"
    ABOVE_1000_CRORE = "above_1000_crore", "More than ₹1,000 crore"


class EnterpriseClient(TenantOwned):
    """One per workspace. Bands, not figures: what decides about advice, nothing more."""

    kept_as = Kept.OWN

    company_name = models.CharField(max_length=120)
    industry = models.CharField(max_length=20, choices=Industry)
    employee_count = models.CharField(
        max_length=12, choices=EmployeeBand, default=EmployeeBand.UNSET
    )
    annual_revenue = models.CharField(max_length=20, choices=RevenueBand, default=RevenueBand.UNSET)
    city = models.CharField(max_length=60)
    # Two letters such as KA. Where the company is decides which GST its invoices carry; empty: it
    # came before this was asked.
    state = models.CharField(max_length=2, blank=True, default="", db_default="")
    website = models.URLField(max_length=200, blank=True, default="")
    gstin = models.CharField(max_length=15, blank=True, default="")
    currency = models.CharField(max_length=3, default="INR")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="one_client_per_workspace"),
            models.CheckConstraint(
                condition=Q(gstin="") | Q(gstin__regex=GSTIN_PATTERN), name="a_gstin_has_its_format"
            ),
            models.CheckConstraint(condition=Q(currency="INR"), name="amounts_are_in_rupees"),
            models.CheckConstraint(
                condition=~Q(company_name="") & ~Q(city=""), name="a_client_has_name_and_city"
            ),
            models.CheckConstraint(
                condition=Q(industry__in=[choice.value for choice in Industry]),
                name="an_industry_is_one_of_ours",
            ),
        ]
        ordering = ["company_name"]

    def __str__(self) -> str:
        return self.company_name
