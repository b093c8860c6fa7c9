"""Business information and performance: locations, opening hours, daily metrics.

specialHours is replaced whole and needs regularHours; a time of 00:00 comes back as {}, as all
zeros do in this JSON; ten edits a minute for one profile.
"""

import copy
import html
import time
from datetime import date, timedelta
from typing import Any

from twin_server import Refusal, Request, Twin

LOCATION = r"locations/(?P<location>\d+)"
EDITS_A_MINUTE = 10
WEEK = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
FIELDS = {
    *("name", "title", "regularHours", "specialHours", "metadata", "profile"),
    *("phoneNumbers", "categories", "storefrontAddress", "languageCode", "websiteUri"),
}
NAMES = {"4001": "Asha Sweets", "4002": "Asha Sweets Baner"}


def mount(twin: Twin) -> None:
    part = Profile(twin)
    info = r"/businessinformation/v1"
    twin.route("GET", rf"{info}/accounts/3001/locations", part.listed)
    twin.route("GET", rf"{info}/{LOCATION}", part.one)
    twin.route("PATCH", rf"{info}/{LOCATION}", part.patch, is_writing=True)
    metrics = rf"/performance/v1/{LOCATION}:fetchMultiDailyMetricsTimeSeries"
    twin.route("GET", metrics, part.metrics)


def new_place(number: str) -> dict[str, Any]:
    hours = [
        {"openDay": day, "closeDay": day, "openTime": {"hours": 9}, "closeTime": {"hours": 21}}
        for day in WEEK
    ]
    return {
        "name": f"locations/{number}",
        "title": NAMES[number],
        "languageCode": "en",
        "regularHours": {"periods": hours},
        "phoneNumbers": {"primaryPhone": "+91 99999 00001", "additionalPhones": []},
        "categories": {"primaryCategory": {"name": "categories/gcid:indian_sweets_shop"}},
        "profile": {"description": "Sweets made every morning."},
        "metadata": {
            "placeId": f"place-{number}",
            "newReviewUri": f"https://review.example/{number}",
            "hasVoiceOfMerchant": True,
        },
    }


def _bad(message: str) -> Refusal:
    error = {"code": 400, "message": message, "status": "INVALID_ARGUMENT", "details": []}
    return Refusal(400, {"error": error})


class Profile:
    def __init__(self, twin: Any):
        self.twin = twin

    def listed(self, request: Request) -> dict[str, Any]:
        mask = self._mask(request)
        numbers = ["4001", "4002"] if self.twin.faults.values.get("two_locations") else ["4001"]
        shown = [_masked(self.twin.places[each], mask) for each in numbers]
        return {"locations": shown, "totalSize": len(shown)}

    def one(self, request: Request) -> dict[str, Any]:
        return _masked(self.twin.places[request.parts["location"]], self._mask(request))

    def _mask(self, request: Request) -> set[str]:
        mask = {each for each in request.query.get("readMask", "").split(",") if each}
        if not mask or {each.partition(".")[0] for each in mask} - FIELDS:
            raise _bad("Invalid field mask provided: readMask")
        return {each.partition(".")[0] for each in mask}

    def patch(self, request: Request) -> dict[str, Any]:
        place = self.twin.places[request.parts["location"]]
        mask = {each for each in request.query.get("updateMask", "").split(",") if each}
        changes = {each: _stored(request.body.get(each)) for each in mask}
        if not mask or mask - FIELDS or mask & {"name", "metadata"}:
            raise _bad("Invalid field mask provided: updateMask")
        if "specialHours" in mask:
            self._check_special({**place, **changes})
        if request.query.get("validateOnly", "").lower() == "true":
            return {}
        self._count_edit()
        for name, value in changes.items():
            place.pop(name, None)
            if value:
                place[name] = value
        self.twin.record("google.location", location=request.parts["location"], changes=changes)
        return _masked(place, mask | {"name"})

    def _check_special(self, place: dict[str, Any]) -> None:
        if not place.get("regularHours"):
            raise _bad("specialHours requires regularHours.")
        for period in (place.get("specialHours") or {}).get("specialHourPeriods", []):
            start = _day(period.get("startDate"))
            end = _day(period["endDate"]) if period.get("endDate") else start
            if start is None or end is None or not timedelta() <= end - start <= timedelta(1):
                raise _bad("specialHourPeriods: startDate and endDate are at most a day apart.")
            has_times = "openTime" in period and "closeTime" in period
            if bool(period.get("closed")) == has_times:
                raise _bad("specialHourPeriods: either closed, or openTime and closeTime.")

    def _count_edit(self) -> None:
        now = time.time()
        self.twin.edits[:] = [at for at in self.twin.edits if now - at < 60]
        if len(self.twin.edits) >= EDITS_A_MINUTE:
            raise self.twin.refuse_rate()
        self.twin.edits.append(now)

    def metrics(self, request: Request) -> dict[str, Any]:
        """Small numbers with a weekly rhythm; a day without any has no value at all."""
        wanted = request.query_lists.get("dailyMetrics", [])
        start, end = (_day(_range(request.query, each)) for each in ("startDate", "endDate"))
        if not wanted or start is None or end is None or end < start:
            raise _bad("dailyMetrics and dailyRange are required.")
        days = [start + timedelta(n) for n in range(min((end - start).days + 1, 560))]
        series = [
            {
                "dailyMetric": metric,
                "timeSeries": {"datedValues": [_value(metric, d) for d in days]},
            }
            for metric in wanted
        ]
        return {"multiDailyMetricTimeSeries": [{"dailyMetricTimeSeries": series}]}


def _value(metric: str, day: date) -> dict[str, Any]:
    base = 60 if "IMPRESSIONS" in metric else 4
    amount = base * (13 if day.weekday() >= 5 else 8) // 10 - day.toordinal() % 5
    shown = {"date": {"year": day.year, "month": day.month, "day": day.day}}
    return {**shown, "value": str(amount)} if amount > 0 else shown


def _range(query: dict[str, str], name: str) -> dict[str, int]:
    parts = {part: query.get(f"dailyRange.{name}.{part}", "") for part in ("year", "month", "day")}
    return {part: int(text) if text.isdecimal() else 0 for part, text in parts.items()}


def _day(parts: Any) -> date | None:
    try:
        return date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
    except (KeyError, TypeError, ValueError):
        return None


def _stored(value: Any) -> Any:
    """Zeros are not sent back: 00:00 becomes {}."""
    if isinstance(value, dict):
        return {k: _stored(v) for k, v in value.items() if v not in (0, None, False, "")}
    return [_stored(each) for each in value] if isinstance(value, list) else value


def _masked(place: dict[str, Any], mask: set[str]) -> dict[str, Any]:
    return copy.deepcopy({name: place[name] for name in place if name in mask})


def hours_html(place: dict[str, Any]) -> str:
    rows = []
    for period in (place.get("specialHours") or {}).get("specialHourPeriods", []):
        day = _day(period.get("startDate"))
        times = f"{_clock(period.get('openTime'))}–{_clock(period.get('closeTime'))}"
        rows.append(f"<li>{day}: {'closed' if period.get('closed') else times}</li>")
    usual = (place.get("regularHours") or {}).get("periods", [])
    week = "".join(
        f"<li>{html.escape(each['openDay'].title())} {_clock(each.get('openTime'))}–"
        f"{_clock(each.get('closeTime'))}</li>"
        for each in usual
    )
    special = f"<h2>Holiday hours</h2><ul>{''.join(rows)}</ul>" if rows else ""
    return f"{special}<h2>Hours</h2><ul>{week}</ul>"


def _clock(parts: Any) -> str:
    parts = parts or {}
    return f"{parts.get('hours', 0):02d}:{parts.get('minutes', 0):02d}"
