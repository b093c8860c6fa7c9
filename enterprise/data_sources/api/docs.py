"""What the API's reader is told."""

from typing import Any

ROWS_DESCRIPTION = """Stores up to 5,000 rows of one `kind`: `spend`, `outcomes`, `leads` or
`deals`, by the same rules as uploaded files.

| kind | needed | if you have it |
|---|---|---|
| spend | date, channel, cost | campaign, currency, impressions, clicks |
| outcomes | date, value or revenue | metric, region, currency |
| leads | id, created | source, stage, entered_at, left_at, owner, email_hash |
| deals | id, created | account, amount, currency, stage, closed, won, source, owner |

Deals may name `entered_at` and `left_at` too.

Dates are `YYYY-MM-DD`. Amounts are rupees; another currency needs its rate in `rates`. Rows with
`entered_at` may name an id several times: together they are its stage history. An e-mail address
sent as `email_hash` is hashed at once and never stored.

Rows of spend and outcomes replace stored ones with the same date and names, leads and deals those
with the same id. The same rows sent again change nothing (`repeated`). With a bad row nothing is
stored and the answer is 422, unless `good_rows_only`; `errors` names row, field and what to do.

```
curl -sS -X POST "$WORKSPACE_URL/api/enterprise/data/spend" \\
  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\
  -d '{"source": "Media plan", "rows": [
    {"date": "2026-11-16", "channel": "YouTube", "campaign": "Winter", "cost": 48250.50}]}'
```

Errors: 400 `row_unreadable`, whose `field` names the place, for an unknown field or a nested value;
404 `kind_unknown`; 422 as above; 401, 404 and 429 as everywhere.
"""
ROWS_REQUEST: dict[str, Any] = {
    "source": "Media plan",
    "rows": [
        {"date": "2026-11-16", "channel": "YouTube", "campaign": "Winter", "cost": 48250.5},
        {"date": "2026-11-16", "channel": "Radio", "cost": 12000},
    ],
}
ROWS_ANSWER: dict[str, Any] = {
    "import_id": 41,
    "repeated": False,
    "imported": 2,
    "replaced": 0,
    "refused": 0,
    "errors": [],
}
SOURCES_DESCRIPTION = """Everything that data came from, with its first and last day.

```
curl "$WORKSPACE_URL/api/enterprise/data/sources" -H "Authorization: Bearer $API_KEY"
```
"""
SOURCES_EXAMPLE: dict[str, Any] = {
    "sources": [
        {
            "id": 3,
            "kind": "spend",
            "name": "Media plan",
            "is_sample": False,
            "imports": 2,
            "first_on": "2023-11-27",
            "last_on": "2026-11-16",
            "last_imported_at": "2026-11-22T09:30:00Z",
        }
    ]
}
IMPORTS_DESCRIPTION = """Imports that hold, newest first, 50 a page; `next` goes on.

```
curl "$WORKSPACE_URL/api/enterprise/data/imports?source=3" -H "Authorization: Bearer $API_KEY"
```
"""
IMPORTS_EXAMPLE: dict[str, Any] = {
    "imports": [
        {
            "id": 41,
            "source": "Media plan",
            "kind": "spend",
            "file_name": "API",
            "from_api": True,
            "grain": "day",
            "first_on": "2026-11-16",
            "last_on": "2026-11-16",
            "rows_imported": 2,
            "rows_replaced": 0,
            "rows_left_out": 0,
            "rates": {},
            "imported_at": "2026-11-22T09:30:00Z",
        }
    ],
    "next": None,
}
QUALITY_DESCRIPTION = """What is wrong with the data, worst first, and what each engine can do with
it: `ready`, `limited` or `not_yet`, with the reasons. Computed from the rows as they are now.

```
curl "$WORKSPACE_URL/api/enterprise/data-quality" -H "Authorization: Bearer $API_KEY"
```
"""
QUALITY_EXAMPLE: dict[str, Any] = {
    "date": "2026-11-22",
    "rows_hash": "5f0c6b7e",
    "grades": [
        {
            "engine": "budget",
            "state": "limited",
            "reasons": ["88 weeks with both spend and an outcome; 104 tell season from effect."],
        }
    ],
    "issues": [
        {
            "key": "alike_names|spend|channel|Radio One / radio one",
            "code": "alike_names",
            "severity": "high",
            "table": "spend",
            "column": "channel",
            "rows": 12,
            "example": "radio one",
            "sentence": "“Radio One”, “radio one” look like one and the same",
            "fix": "Read all of them as “Radio One”.",
            "can_be_fixed_here": True,
        }
    ],
    "tables": [
        {
            "name": "spend",
            "rows": 8736,
            "first_on": "2023-11-27",
            "last_on": "2026-11-22",
            "weeks": 156,
            "weeks_with_rows": 156,
            "columns": [{"name": "clicks", "filled": 8736, "total": 8736}],
        }
    ],
}
