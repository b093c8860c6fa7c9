"""What the three CRMs' twins share: records by table that tests change, and tokens that end.

POST /_seed {"table", "rows": [{"id", …}], "count", "removed": ["id"]} changes or adds records as if
somebody had edited them there. Faults beside those of twin_server:
    wrong_json        the answer is JSON, and not what is documented
    duplicate_page    a page repeats the record that ended the page before
"""

import secrets
import time
from datetime import UTC, datetime
from typing import Any

from twin_server import Refusal, Request, Twin

CLIENT = ("sandbox-client", "sandbox-secret")
FIRST = datetime(2025, 1, 6, 9, tzinfo=UTC).timestamp()
DAY = 86_400
NAMES = ("Sahyadri Mills", "Konkan Foods", "Deccan Motors", "Narmada Textiles", "Malwa Tools")
OWNERS = ("Ravi Kale", "Meena Pillai", "Farhan Shaikh")
SOURCES = ("Google Ads", "Facebook", "LinkedIn", "Referral", "Trade fair")
STATES = ("Maharashtra", "Gujarat", "Karnataka")


class Crm(Twin):
    """Subclasses say what a record is made of and how it is read."""

    fault_names = ("wrong_json", "duplicate_page")
    tables: tuple[str, ...] = ()
    seeds = 25
    page_size = 200

    def __init__(self) -> None:
        super().__init__()
        self.route("POST", r"/_seed", self.seed, is_open=True)

    def reset(self) -> None:
        super().reset()
        self.page_size = type(self).page_size
        self.rows: dict[str, dict[str, dict[str, Any]]] = {each: {} for each in self.tables}
        # Changes in order: {"table", "id", "at", "what"}
        self.changes: list[dict[str, Any]] = []
        self.tokens = {self.first_token()}
        self.refresh_tokens = {f"{self.name()}-refresh-1"}
        for table in self.tables:
            self.add(table, self.seeds)

    def first_at(self) -> float:
        return FIRST

    def name(self) -> str:
        return type(self).__name__.lower()

    def first_token(self) -> str:
        return f"{self.name()}-token-1"

    def add(self, table: str, count: int, at: float | None = None) -> None:
        """So many invented records; made a few hours apart unless `at` is given."""
        with self.lock:
            begin, first = len(self.rows[table]), self.first_at()
            for number in range(begin, begin + count):
                made = first + number * 7 * 3600 if at is None else at
                row = {"made": made, "at": made + (3600 if at is None else 0), "gone": False}
                row |= {"stages": [(made, "new")], **self.facts(table, number)}
                self.rows[table][self.id_of(table, number)] = row
                self.changes.append({"table": table, "id": self.id_of(table, number), **row})

    def id_of(self, table: str, number: int) -> str:
        return str(1_000 + number)

    def facts(self, table: str, number: int) -> dict[str, Any]:
        return {
            "account": NAMES[number % 5],
            "owner": number % 3,
            "source": SOURCES[number % 5],
            "state": STATES[number % 3],
            "email": f"person{number}@customer{number % 40}.example",
            "amount": 50_000 + 1_250 * number,
            "stage": "new",
            "currency": "INR",
        }

    def put(self, table: str, row_id: str, at: float | None = None, **facts: Any) -> None:
        """Change or add one record, now."""
        with self.lock:
            at = time.time() if at is None else at
            known = self.rows[table].get(row_id)
            if known is None:
                known = {"made": at, "gone": False, "stages": [(at, "new")]}
                known |= self.facts(table, len(self.rows[table]))
                self.rows[table][row_id] = known
            if facts.get("stage", known["stage"]) != known["stage"]:
                known["stages"].append((at, facts["stage"]))
            known |= {**facts, "at": at}
            self.changes.append({"table": table, "id": row_id, **known})

    def remove(self, table: str, row_id: str) -> None:
        self.put(table, row_id, gone=True)

    def seed(self, request: Request) -> dict[str, Any]:
        table = request.body.get("table", "")
        if table not in self.rows:
            raise Refusal(422, {"error": f"tables: {list(self.rows)}"})
        self.add(table, int(request.body.get("count", 0)))
        for row in request.body.get("rows", []):
            self.put(table, str(row.pop("id")), **row)
        for row_id in request.body.get("removed", []):
            self.remove(table, str(row_id))
        return {"rows": len(self.rows[table])}

    def token_made(self, request: Request) -> str:
        """A new bearer token; those before it end."""
        form = request.fields
        if (form.get("client_id"), form.get("client_secret")) != CLIENT:
            raise Refusal(401, {"error": "invalid_client", "error_description": "unknown client"})
        if form.get("grant_type") == "refresh_token" and (
            form.get("refresh_token") not in self.refresh_tokens
        ):
            raise Refusal(400, {"error": "invalid_grant", "error_description": "expired token"})
        token = f"{self.name()}-token-{secrets.token_hex(8)}"
        self.tokens = {token}
        self.record(f"{self.name()}.token")
        return token

    def check_token(self, request: Request) -> None:
        if request.token not in self.tokens:
            raise self.refuse_token()

    def told(self, answer: dict[str, Any], path: str) -> dict[str, Any]:
        return {"unexpected": True} if self.faults.take("wrong_json", path) else answer


def stamp(at: float, zone: str = "Z") -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}{zone}"
