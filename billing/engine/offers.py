"""What each plan holds in this version, in plain sentences. Only what works today stands here."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from marketing_platform.core.text import mark as _


@dataclass(frozen=True)
class Offer:
    """Sentences for the pricing page; message ids, translated at the edge."""

    features: tuple[str, ...]
    not_included: tuple[str, ...]
    has_trial: bool


LOCAL = Offer(
    features=(
        _("Today's post for your trade, city and languages, with the reason why"),
        _("Captions for Facebook, Instagram, Google Business and WhatsApp status"),
        _("English, Hindi, Hinglish and Marathi"),
        _("A poster with your name and colours in each language"),
        _("The advertising rules of your trade are checked before you see a post"),
        _("The festivals and local dates of the next 30 days, with days to prepare"),
        _("An API with your own keys"),
    ),
    not_included=(
        _("Posting without you: you look, then share with one tap"),
        _("WhatsApp broadcasts, answers to reviews, a list of customers"),
        _("Tax invoices to download: payments are listed under Billing"),
    ),
    has_trial=True,
)

ENTERPRISE = Offer(
    features=(
        _("Trend, season, level shifts and outliers in your weekly or daily numbers"),
        _("Every finding with its interval, sample size and method"),
        _("A plain “not enough data” where the numbers cannot tell"),
        _("Spend and cost per lead by channel from Google, Meta and LinkedIn Ads exports"),
        _("Upload of CSV files with a preview, and an API with your own keys"),
        _("A sample company with a finding, to look around first"),
    ),
    not_included=(
        _("Budget optimisation, campaign drafts and board briefs"),
        _("A direct line to Salesforce, HubSpot or Marketo: upload an export instead"),
        _("Tax invoices to download: payments are listed under Billing"),
    ),
    has_trial=False,
)

OFFERS: Mapping[str, Offer] = MappingProxyType({"local": LOCAL, "enterprise": ENTERPRISE})
NO_OFFER = Offer(features=(), not_included=(), has_trial=False)
