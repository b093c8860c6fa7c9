"""HubSpot's CRM v3 on loopback.

    python tests/twins/hubspot.py --port 8894

A search tells 10,000 records and refuses to page on, as the real one. Faults: see twin_server and
crm_base, and
    no_owners         the token may not read owners
"""

from typing import Any

from crm_base import OWNERS, Crm, stamp
from twin_server import Refusal, Request, main

OBJECTS = "/hubspot/crm/v3/objects"
THING = r"(?P<thing>contacts|deals)"
STAGES = {"new": "appointment", "proposal": "quoted", "won": "closedwon", "lost": "closedlost"}
LABELS = {
    "appointment": "Appointment",
    "quoted": "Quoted",
    "closedwon": "Won",
    "closedlost": "Lost",
}
CHANGED = {"contacts": "lastmodifieddate", "deals": "hs_lastmodifieddate"}
SOURCES = {"Google Ads": "PAID_SEARCH", "Facebook": "PAID_SOCIAL", "Referral": "REFERRALS"}
MOST = 10_000


class Hubspot(Crm):
    fault_names = (*Crm.fault_names, "no_owners")
    tables = ("contacts", "deals")

    def __init__(self) -> None:
        super().__init__()
        self.route("POST", "/hubspot/oauth/v1/token", self.token, is_open=True)
        self.route("GET", "/hubspot/account-info/v3/details", self.details)
        self.route("GET", "/hubspot/crm/v3/owners", self.owners)
        self.route("GET", "/hubspot/crm/v3/pipelines/deals", self.pipelines)
        # "is_writing": the faults that strike after an answer was made shall strike these too.
        self.route("POST", f"{OBJECTS}/{THING}/search", self.search, is_writing=True)
        self.route("POST", f"{OBJECTS}/{THING}/batch/read", self.batch, is_writing=True)
        self.route("GET", f"{OBJECTS}/{THING}", self.listed)

    def reset(self) -> None:
        super().reset()
        self.asked: list[dict[str, Any]] = []
        self.portal, self.currency = 4_400_123, "INR"

    def refuse_token(self) -> Refusal:
        return _bad(401, "EXPIRED_AUTHENTICATION", "The OAuth token used expired.")

    def refuse_rate(self) -> Refusal:
        found = _bad(429, "RATE_LIMITS", "You have reached your ten_secondly_rolling limit.")
        return Refusal(429, found.body, {"Retry-After": "7"})

    def refuse_away(self, status: int) -> Refusal:
        return _bad(status, "INTERNAL_ERROR", "internal error")

    def token(self, request: Request) -> dict[str, Any]:
        refresh = request.fields.get("refresh_token", "")
        token = self.token_made(request)
        return {"access_token": token, "refresh_token": refresh, "expires_in": 1800}

    def details(self, request: Request) -> dict[str, Any]:
        return {
            "portalId": self.portal,
            "accountType": "STANDARD",
            "timeZone": "Asia/Kolkata",
            "companyCurrency": self.currency,
            "additionalCurrencies": [],
        }

    def owners(self, request: Request) -> dict[str, Any]:
        if self.faults.values.get("no_owners"):
            raise _bad(403, "MISSING_SCOPES", "This app hasn't been granted all required scopes.")
        names = [name.split() for name in OWNERS]
        rows = [
            {"id": str(place), "firstName": first, "lastName": last, "archived": False}
            for place, (first, last) in enumerate(names)
        ]
        return {"results": rows}

    def pipelines(self, request: Request) -> dict[str, Any]:
        stages = [
            {
                "id": code,
                "label": label,
                "metadata": {
                    "isClosed": str(code.startswith("closed")).lower(),
                    "probability": "1.0" if code == "closedwon" else "0.2",
                },
            }
            for code, label in LABELS.items()
        ]
        return {"results": [{"id": "default", "label": "Sales", "stages": stages}]}

    def search(self, request: Request) -> dict[str, Any]:
        body, thing = request.body, request.parts["thing"]
        self.asked.append({"thing": thing, **body})
        limit, start = int(body.get("limit", 10)), int(body.get("after", 0))
        if limit > 200 or start + limit > MOST:
            raise _bad(400, "VALIDATION_ERROR", "paging beyond 10,000 or a limit above 200")
        rows = [(i, row) for i, row in self.rows[thing].items() if not row["gone"]]
        for group in body.get("filterGroups", []):
            for each in group["filters"]:
                rows = [pair for pair in rows if _fits(pair, each, thing)]
        by = body["sorts"][0]["propertyName"]
        rows.sort(key=(lambda p: int(p[0])) if by == "hs_object_id" else (lambda p: p[1]["at"]))
        begin = start - 1 if start and self.faults.take("duplicate_page") else start
        if body.get("filterGroups") and not start and self.faults.take("duplicate_page"):
            rows = [*self._before(thing, rows), *rows]
        wanted = body.get("properties", [])
        found = [self._shown(thing, pair, wanted) for pair in rows[begin : start + limit]]
        answer: dict[str, Any] = {"total": len(rows), "results": found}
        if start + limit < len(rows):
            answer["paging"] = {"next": {"after": str(start + limit)}}
        return self.told(answer, request.path)

    def _before(self, thing: str, rows: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
        """The record that changed last before the first of these."""
        first = min((row["at"] for _id, row in rows), default=0.0)
        earlier = [pair for pair in self.rows[thing].items() if pair[1]["at"] < first]
        return [max(earlier, key=lambda pair: pair[1]["at"])] if earlier else []

    def merge(self, thing: str, winner: str, loser: str) -> None:
        """As people do it there: the other record is gone, its id stands in the one that stays."""
        del self.rows[thing][loser]
        self.put(thing, winner, merged=[*self.rows[thing][winner].get("merged", []), loser])

    def batch(self, request: Request) -> dict[str, Any]:
        ids = [each["id"] for each in request.body["inputs"]]
        if len(ids) > 50:
            raise _bad(400, "VALIDATION_ERROR", "at most 50 with history")
        found = []
        for row_id in ids:
            row = self.rows[request.parts["thing"]].get(row_id)
            if row is not None:
                values = [
                    {"value": STAGES[name], "timestamp": stamp(at), "sourceType": "CRM_UI"}
                    for at, name in reversed(row["stages"])
                ]
                found.append({"id": row_id, "propertiesWithHistory": {"dealstage": values}})
        return {"status": "COMPLETE", "results": found}

    def listed(self, request: Request) -> dict[str, Any]:
        thing, is_gone = request.parts["thing"], request.query.get("archived") == "true"
        rows = [(i, row) for i, row in self.rows[thing].items() if row["gone"] is is_gone]
        limit, start = int(request.query.get("limit", 10)), int(request.query.get("after", 0))
        wanted = request.query.get("properties", "").split(",")
        found = [self._shown(thing, pair, wanted) for pair in rows[start : start + limit]]
        answer: dict[str, Any] = {"results": found}
        if start + limit < len(rows):
            answer["paging"] = {"next": {"after": str(start + limit)}}
        return answer

    def _shown(self, thing: str, pair: tuple[str, Any], wanted: list[str]) -> dict[str, Any]:
        row_id, row = pair
        every = {
            "createdate": stamp(row["made"]),
            CHANGED[thing]: stamp(row["at"]),
            "hubspot_owner_id": str(row["owner"]),
            "hs_analytics_source": SOURCES.get(row["source"], "OFFLINE"),
            "company": row["account"],
            "state": row["state"],
            "email": row["email"],
            "lifecyclestage": "customer" if row["stage"] == "won" else "lead",
            "amount": row["amount"] if row["amount"] is None else str(row["amount"]),
            "deal_currency_code": row["currency"],
            "dealstage": STAGES[row["stage"]],
            "hs_merged_object_ids": ";".join(row.get("merged", [])) or None,
            "closedate": stamp(row["stages"][-1][0]),
        }
        properties = {name: every.get(name) for name in wanted}
        return {
            "id": row_id,
            "properties": properties | {"hs_object_id": row_id},
            "createdAt": stamp(row["made"]),
            "updatedAt": stamp(row["at"]),
            "archived": row["gone"],
        }


def _fits(pair: tuple[str, Any], wanted: dict[str, str], thing: str) -> bool:
    row_id, row = pair
    is_id = wanted["propertyName"] == "hs_object_id"
    if not is_id and wanted["propertyName"] != CHANGED[thing]:
        raise _bad(400, "VALIDATION_ERROR", "no such property")
    has = int(row_id) if is_id else int(row["at"] * 1000)
    given = int(wanted["value"])
    match wanted["operator"]:
        case "GTE":
            return has >= given
        case "GT":
            return has > given
        case "EQ":
            return has == given
    raise _bad(400, "VALIDATION_ERROR", "no such operator")


def _bad(status: int, category: str, message: str) -> Refusal:
    body = {"status": "error", "message": message, "correlationId": "c0ffee", "category": category}
    return Refusal(status, body)


if __name__ == "__main__":
    main("HubSpot", Hubspot, 8894)
