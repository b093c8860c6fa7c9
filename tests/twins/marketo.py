"""Marketo's REST API on loopback: errors come inside answers with status 200.

    python tests/twins/marketo.py --port 8895

Faults: see twin_server and crm_base, and
    daily_limit       607, the day's calls are used up
    short_page        a page holds nothing although more follows
"""

import time
from datetime import datetime
from typing import Any

from crm_base import DAY, Crm, stamp
from twin_server import Refusal, Request, main

REST = "/marketo/rest/v1"
STAGES = {"new": "New", "proposal": "Working", "won": "Qualified", "lost": "Disqualified"}


class Marketo(Crm):
    fault_names = (*Crm.fault_names, "daily_limit", "short_page")
    tables = ("leads",)
    page_size = 300

    def __init__(self) -> None:
        super().__init__()
        for method in ("GET", "POST"):
            self.route(method, "/marketo/identity/oauth/token", self.token, is_open=True)
        self.route("GET", rf"{REST}/activities/pagingtoken\.json", self.paging)
        # "is_writing": the faults that strike after an answer was made shall strike these too.
        for name, found in (("leadchanges", self.changed), ("deletedleads", self.deleted)):
            self.route("GET", rf"{REST}/activities/{name}\.json", found, is_writing=True)
        self.route("GET", rf"{REST}/leads\.json", self.leads, is_writing=True)

    def first_at(self) -> float:
        """It tells changes of a limited past only."""
        return time.time() - 60 * DAY

    def refuse_token(self) -> Refusal:
        return _error("602", "Access token expired")

    def refuse_rate(self) -> Refusal:
        return _error("606", "Max rate limit '100' exceeded with in '20' secs")

    def refuse_away(self, status: int) -> Refusal:
        return Refusal(status, {})

    def check_token(self, request: Request) -> None:
        if self.faults.take("daily_limit"):
            raise _error("607", "Daily quota reached")
        if request.token not in self.tokens:
            raise _error("601", "Access token invalid")

    def token(self, request: Request) -> dict[str, Any]:
        token = self.token_made(request)
        return {"access_token": token, "token_type": "bearer", "expires_in": 3599, "scope": "a@b"}

    def paging(self, request: Request) -> dict[str, Any]:
        since = datetime.fromisoformat(request.query["sinceDatetime"]).timestamp()
        return {"requestId": "1#1", "success": True, "nextPageToken": f"{since!r}:0"}

    def changed(self, request: Request) -> dict[str, Any]:
        if not request.query.get("fields"):
            raise _error("1003", "fields is required")
        rows = [each for each in self.changes if not each["gone"]]
        return self._activities(request, rows, 12)

    def deleted(self, request: Request) -> dict[str, Any]:
        return self._activities(request, [each for each in self.changes if each["gone"]], 37)

    def leads(self, request: Request) -> dict[str, Any]:
        ids = request.query.get("filterValues", "").split(",")
        if request.query.get("filterType") != "id" or len(ids) > 300:
            raise _error("1003", "at most 300 values")
        found = []
        for row_id in ids:
            row = self.rows["leads"].get(row_id)
            if row is not None and not row["gone"]:
                found.append(
                    {
                        "id": int(row_id),
                        "createdAt": stamp(row["made"])[:19] + "Z",
                        "updatedAt": stamp(row["at"])[:19] + "Z",
                        "leadStatus": STAGES[row["stage"]],
                        "leadSource": row["source"],
                        "email": row["email"],
                    }
                )
        answer = {"requestId": "1#2", "success": True, "result": found}
        return self.told(answer, request.path)

    def _activities(
        self, request: Request, changes: list[dict[str, Any]], kind: int
    ) -> dict[str, Any]:
        since, _colon, place = request.query.get("nextPageToken", "").partition(":")
        if not place.isdigit():
            raise _error("1003", "invalid paging token")
        start = int(place)
        rows = sorted(
            (each for each in changes if each["at"] >= float(since)), key=lambda each: each["at"]
        )
        if self.faults.take("short_page"):
            # Nothing this time, and the token still moves on.
            return {"success": True, "nextPageToken": f"{since}:0{start}", "moreResult": True}
        begin = start - 1 if start and self.faults.take("duplicate_page") else start
        result = [
            {
                "id": number,
                "marketoGUID": f"{kind}-{number}",
                "leadId": int(each["id"]),
                "activityDate": stamp(each["at"])[:19] + "Z",
                "activityTypeId": kind,
                "fields": [],
            }
            for number, each in enumerate(rows[begin : start + self.page_size])
        ]
        more = start + self.page_size < len(rows)
        answer: dict[str, Any] = {"requestId": "1#3", "success": True, "moreResult": more}
        answer["nextPageToken"] = f"{since}:{min(start + self.page_size, len(rows))}"
        if result:
            answer["result"] = result
        return answer


def _error(code: str, message: str) -> Refusal:
    errors = [{"code": code, "message": message}]
    return Refusal(200, {"requestId": "1#0", "success": False, "errors": errors})


if __name__ == "__main__":
    main("Marketo", Marketo, 8895)
