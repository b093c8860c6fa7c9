"""Salesforce's token address and REST queries on loopback.

    python tests/twins/salesforce.py --port 8893

Understands the shapes of SOQL that readers of changes use, and refuses unknown fields as the real
one does. Faults: see twin_server and crm_base, and
    no_history          this edition keeps no field history
    many_currencies     the organisation has several: a field more
    rotate              a refresh token is good for one use
"""

import re
from datetime import datetime
from itertools import pairwise
from typing import Any

from crm_base import OWNERS, Crm, stamp
from twin_server import Refusal, Request, main

API = r"/salesforce/services/data/v\d+\.0"
SHAPE = re.compile(
    r"SELECT (?P<fields>[\w., ]+) FROM (?P<thing>\w+)"
    r"(?: WHERE (?P<where>.+?))?(?: ORDER BY (?P<order>[\w, ]+))?(?: LIMIT \d+)?"
)
SINCE = re.compile(r"SystemModstamp >= ([0-9T:.Z-]+)")
OF = re.compile(r"Field = 'StageName' AND OpportunityId IN \(([^)]*)\)")
STAGES = {
    "new": "Prospecting",
    "proposal": "Proposal/Price Quote",
    "won": "Closed Won",
    "lost": "Closed Lost",
}


class Salesforce(Crm):
    fault_names = (*Crm.fault_names, "no_history", "many_currencies", "rotate")
    tables = ("Contact", "Opportunity")
    page_size = 2_000

    def __init__(self) -> None:
        super().__init__()
        self.route("POST", "/salesforce/services/oauth2/token", self.token, is_open=True)
        # "is_writing": the faults that strike after an answer was made shall strike these too.
        for name in ("query", "queryAll"):
            self.route("GET", f"{API}/{name}", self.query, is_writing=True)
            self.route("GET", rf"{API}/{name}/(?P<place>[\w-]+)", self.more, is_writing=True)
        self.route("GET", f"{API}/sobjects/Opportunity/describe", self.describe)

    def reset(self) -> None:
        super().reset()
        self.asked: list[str] = []
        self.results: dict[str, list[dict[str, Any]]] = {}

    def id_of(self, table: str, number: int) -> str:
        return f"{'003' if table == 'Contact' else '006'}TW{number:013d}"

    def refuse_token(self) -> Refusal:
        error = {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
        return Refusal(401, [error])

    def refuse_rate(self) -> Refusal:
        error = {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
        return Refusal(403, [error])

    def refuse_away(self, status: int) -> Refusal:
        return Refusal(
            status, [{"message": "Server Unavailable", "errorCode": "SERVER_UNAVAILABLE"}]
        )

    def token(self, request: Request) -> dict[str, Any]:
        token = self.token_made(request)
        answer = {
            "access_token": token,
            "instance_url": "https://veda.my.salesforce.com",
            "id": "https://login.salesforce.com/id/00DTW/005TW",
            "token_type": "Bearer",
            "issued_at": "1795000000000",
            "signature": "c2lnbmF0dXJl",
        }
        if self.faults.take("rotate"):
            self.refresh_tokens = {"salesforce-refresh-2"}
            answer["refresh_token"] = "salesforce-refresh-2"
        return answer

    def describe(self, _request: Request) -> dict[str, Any]:
        names = ["Id", "Amount", "StageName"]
        if self.faults.values.get("many_currencies"):
            names.append("CurrencyIsoCode")
        return {"name": "Opportunity", "fields": [{"name": name} for name in names]}

    def query(self, request: Request) -> dict[str, Any]:
        soql = request.query.get("q", "")
        self.asked.append(soql)
        shape = SHAPE.fullmatch(soql)
        if shape is None:
            raise _bad("MALFORMED_QUERY", "unexpected token")
        is_all = request.path.endswith("queryAll")
        rows = self._rows(shape["thing"], shape["where"] or "", is_all)
        fields = [each.strip() for each in shape["fields"].split(",")]
        for field in fields:
            if rows and field.partition(".")[0] not in rows[0]:
                raise _bad("INVALID_FIELD", f"No such column '{field}'")
        key = f"01gTW{len(self.results):06d}"
        self.results[key] = rows
        return self._page(request, key, 0)

    def more(self, request: Request) -> dict[str, Any]:
        key, _dash, place = request.parts["place"].partition("-")
        if key not in self.results or not place.isdigit():
            raise _bad("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(request, key, int(place))

    def _page(self, request: Request, key: str, start: int) -> dict[str, Any]:
        rows, end = self.results[key], start + self.page_size
        begin = start - 1 if start and self.faults.take("duplicate_page") else start
        answer: dict[str, Any] = {
            "totalSize": len(rows),
            "done": end >= len(rows),
            "records": rows[begin:end],
        }
        if end < len(rows):
            base = request.path.removeprefix("/salesforce").split("/query")[0]
            answer["nextRecordsUrl"] = f"{base}/query/{key}-{end}"
        return self.told(answer, request.path)

    def _rows(self, thing: str, where: str, is_all: bool) -> list[dict[str, Any]]:
        if thing == "OpportunityFieldHistory" and not self.faults.values.get("no_history"):
            return self._history(where)
        if thing not in self.rows:
            raise _bad("INVALID_TYPE", f"sObject type '{thing}' is not supported.")
        found = SINCE.search(where)
        since = datetime.fromisoformat(found[1]).timestamp() if found else 0.0
        rows = sorted(self.rows[thing].items(), key=lambda each: (each[1]["at"], each[0]))
        wanted = [(i, r) for i, r in rows if r["at"] >= since and (is_all or not r["gone"])]
        make = self._contact if thing == "Contact" else self._opportunity
        return [make(row_id, row) for row_id, row in wanted]

    def _common(self, thing: str, row_id: str, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "attributes": {"type": thing, "url": f"/services/data/v60.0/sobjects/{thing}/{row_id}"},
            "Id": row_id,
            "Account": {"attributes": {"type": "Account"}, "Name": row["account"]},
            "Owner": {"attributes": {"type": "User"}, "Name": OWNERS[row["owner"]]},
            "LeadSource": row["source"],
            "CreatedDate": stamp(row["made"], "+0000"),
            "SystemModstamp": stamp(row["at"], "+0000"),
            "IsDeleted": row["gone"],
        }

    def _contact(self, row_id: str, row: dict[str, Any]) -> dict[str, Any]:
        more = {"MailingState": row["state"], "Email": row["email"]}
        return self._common("Contact", row_id, row) | more

    def _opportunity(self, row_id: str, row: dict[str, Any]) -> dict[str, Any]:
        more = {
            "Amount": row["amount"],
            "StageName": STAGES[row["stage"]],
            "CloseDate": stamp(row["stages"][-1][0] + 90)[:10],
            "IsClosed": row["stage"] in ("won", "lost"),
            "IsWon": row["stage"] == "won",
        }
        if self.faults.values.get("many_currencies"):
            more["CurrencyIsoCode"] = row["currency"]
        return self._common("Opportunity", row_id, row) | more

    def _history(self, where: str) -> list[dict[str, Any]]:
        found = OF.search(where)
        ids = [each.strip("'") for each in found[1].split(",")] if found else []
        rows = []
        for row_id in ids:
            stages = self.rows["Opportunity"].get(row_id, {}).get("stages", [])
            for number, (before, after) in enumerate(pairwise(stages)):
                rows.append(
                    {
                        "Id": f"017{row_id[3:15]}{number:03d}",
                        "OpportunityId": row_id,
                        "OldValue": STAGES[before[1]],
                        "NewValue": STAGES[after[1]],
                        "CreatedDate": stamp(after[0], "+0000"),
                    }
                )
        return sorted(rows, key=lambda each: (each["CreatedDate"], each["Id"]))


def _bad(code: str, message: str) -> Refusal:
    return Refusal(400, [{"message": message, "errorCode": code}])


if __name__ == "__main__":
    main("Salesforce", Salesforce, 8893)
