"""A campaign as asked for, for the tests."""

from dataclasses import replace
from datetime import date
from typing import Any

from enterprise.campaign_generator.engine.contracts import (
    Asked,
    Audience,
    Document,
    Facts,
    Target,
    TrialAsked,
)
from enterprise.campaign_generator.engine.document import generate
from marketing_platform.writing.built_in import BuiltInCopywriter

TODAY = date(2026, 11, 22)
FACTS = Facts(
    company="Veda Appliances",
    product="Veda Geyser 15 L",
    benefits=("5-star energy rating", "Five-year warranty", "Fitted within two days"),
    offer="Free fitting in December",
    action="get_quote",
    landing_url="https://veda.example/geyser?ref=a&utm_source=Old",
    language="en",
)
ALL = ("google_ads", "meta_ads", "linkedin_ads", "email", "whatsapp")


def asked(**more: Any) -> Asked:
    plain = Asked(
        name="Winter launch",
        goal="Sell the new geyser",
        facts=FACTS,
        audience=Audience("Homes in Pune", 120_000, "stated", "Ticked a box at checkout"),
        target=Target("orders", 900.0, ""),
        channels=ALL,
        shares=(5, 3, 1, 0, 1),
        budget_paise=60_000_001,
        first_on=date(2026, 12, 1),
        weeks=4,
        test=TrialAsked(0.05, 0.2, 1_500),
    )
    return replace(plain, **more)


def document(**more: Any) -> Document:
    return generate(asked(**more), BuiltInCopywriter())
