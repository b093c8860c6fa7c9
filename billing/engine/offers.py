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
        _("Today: at most five tasks that fit your minutes, mostly done, each with its reason"),
        _("Posts with posters in English, Hindi, Hinglish and Marathi for your trade and city"),
        _("Facebook, Instagram and Google updates go out when you approve them, or share by hand"),
        _("WhatsApp chats and messages to customers who agreed; a “stop” is kept at once"),
        _("One WhatsApp number of your own in each workspace"),
        _("Reviews with a drafted answer, and holiday hours on Google"),
        _("Customers, bills and consent, from the counter or from your old list"),
        _("Your own figures read for you: quiet hours, who is due, who slips away"),
        _("Step-by-step guides, and an API with your own keys"),
    ),
    not_included=(
        _("What Meta charges for WhatsApp messages: you pay it to Meta"),
        _("Posting without you: nothing goes out that you did not approve"),
    ),
    has_trial=True,
)

ENTERPRISE = Offer(
    features=(
        _("Salesforce, HubSpot, Marketo or files, with a report on their quality first"),
        _("Pipeline, segments, forecast and level shifts, each with its interval and method"),
        _("Where the next rupee works: a marketing mix model that states its uncertainty"),
        _("Budgets within your limits, to the paisa, with the expected gain and its range"),
        _("Campaign plans with texts within the limits of each network, as files to import"),
        _("A board brief as page, PDF and PowerPoint, every number traced to its run"),
        _("A plain “not enough data” where the numbers cannot tell"),
        _("A sample company to look around first, and an API with your own keys"),
    ),
    not_included=(
        _("Writing to your advertising accounts: campaigns leave as files that you import"),
        _("Models by region or by product: one weekly model for the whole company"),
    ),
    has_trial=False,
)

OFFERS: Mapping[str, Offer] = MappingProxyType({"local": LOCAL, "enterprise": ENTERPRISE})
NO_OFFER = Offer(features=(), not_included=(), has_trial=False)
