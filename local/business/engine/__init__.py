"""The facts about a shop that every local feature works from. Plain Python, no Django."""

from local.business.engine.catalogue import (
    CATEGORIES,
    CITIES,
    STATES,
    Category,
    City,
    State,
    category_of,
    city_of,
    state_of,
)
from local.business.engine.facts import BUDGET_BANDS, LANGUAGES, BusinessFacts, content_language

__all__ = [
    "BUDGET_BANDS",
    "CATEGORIES",
    "CITIES",
    "LANGUAGES",
    "STATES",
    "BusinessFacts",
    "Category",
    "City",
    "State",
    "category_of",
    "city_of",
    "content_language",
    "state_of",
]
