"""Insights as the page shows them: in one language, with their chart drawn out."""

from typing import Any

from django.urls import NoReverseMatch, reverse

from local.intelligence.front_door import BusinessInsights
from marketing_platform.core.language import said_in

# Where an action begins, and where what is missing can be brought in.
ACTION_PAGES = {
    "slack_offer": "local-offers",
    "staff_busy": "",
    "thank_vip": "local-campaign-new",
    "remind": "local-campaign-new",
    "win_back": "local-campaign-new",
    "ask_everyone_for_reviews": "local-guides",
    "fix_one_thing": "local-google-reviews",
    "share_praise": "posts",
    "set_hours": "local-google-hours",
}
MISSING_PAGES = {
    "import": "local-customers-import",
    "counter": "local-counter",
    "reviews": "local-google-reviews",
    "hours": "local-google-hours",
}
ROW_HEIGHT, LABEL_WIDTH, BAR_WIDTH = 24, 96, 190


def cards_of(own: BusinessInsights, language: str) -> list[dict[str, Any]]:
    return [
        {
            **row,
            "text": said_in(language, row["texts"]),
            "action_url": _url(ACTION_PAGES.get(row["action"]["kind"], ""), row["action"]["facts"]),
            "drawing": drawing_of(row["chart"], language),
            "run_hash": own.run_hash,
        }
        for row in own.insights
    ]


def missing_of(own: BusinessInsights, language: str) -> list[dict[str, Any]]:
    return [
        {
            **row,
            "text": said_in(language, row["texts"]),
            "url": _url(MISSING_PAGES.get(row["get"], ""), {}),
        }
        for row in own.missing
    ]


def drawing_of(bars: list[dict[str, Any]], language: str) -> dict[str, Any] | None:
    """Bars with their places in an SVG of 320 units width; None without bars."""
    if not bars:
        return None
    most = max(bar["value"] for bar in bars) or 1
    rows = [
        {
            "label": said_in(language, bar["label"]),
            "shown": bar["shown"],
            "is_focus": bar["is_focus"],
            "y": place * ROW_HEIGHT,
            "text_y": place * ROW_HEIGHT + 16,
            "width": round(BAR_WIDTH * bar["value"] / most, 1),
            "shown_x": LABEL_WIDTH + round(BAR_WIDTH * bar["value"] / most, 1) + 5,
        }
        for place, bar in enumerate(bars)
    ]
    return {"rows": rows, "height": ROW_HEIGHT * len(rows), "bar_x": LABEL_WIDTH}


def _url(name: str, facts: dict[str, Any]) -> str:
    if not name:
        return ""
    try:
        url = reverse(name)
    except NoReverseMatch:
        return ""
    return f"{url}?segment={facts['segment']}" if "segment" in facts else url
