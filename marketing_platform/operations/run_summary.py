"""What `bin/run` tells people and programs: var/run.json and the text in the terminal."""

import json
from pathlib import Path
from typing import TypedDict

from marketing_platform.operations.demo_state import write_private
from marketing_platform.operations.environment import Addresses

# Two years with a step up in March 2026, so that the first answer somebody sees says something.
MONTHLY_LEADS = [
    [f"{2024 + month // 12}-{month % 12 + 1:02d}-01", leads]
    for month, leads in enumerate(
        (
            *(408, 421, 397, 415, 432, 404, 411, 426, 399, 418, 425, 412),
            *(406, 423, 414, 548, 561, 539, 552, 570, 545, 556, 563, 549),
        ),
        start=11,
    )
]
EXAMPLES = {
    "local": (
        ("/api/local/automation/social-media", {}),
        ("/api/local/intelligence", {}),
    ),
    "enterprise": (
        (
            "/api/enterprise/intelligence",
            {
                "series": [
                    {"name": "Leads", "unit": "leads", "grain": "month", "points": MONTHLY_LEADS}
                ]
            },
        ),
    ),
}


class DemoWorkspace(TypedDict):
    tier: str
    slug: str
    api_key: str


class SignIn(TypedDict):
    role: str
    login: str
    password_or_code: str


class Demo(TypedDict):
    """What seeding answers."""

    workspaces: list[DemoWorkspace]
    sign_ins: list[SignIn]


class Workspace(DemoWorkspace):
    url: str
    host: str


class Summary(TypedDict):
    """The content of var/run.json."""

    public_url: str
    admin_url: str
    inbox_url: str
    workspaces: list[Workspace]
    sign_ins: list[SignIn]


def compose(addresses: Addresses, demo: Demo) -> Summary:
    base = addresses.base_domain
    return {
        "public_url": addresses.public_url,
        "admin_url": f"http://admin.{base}",
        "inbox_url": f"{addresses.public_url}/inbox/",
        "workspaces": [
            {
                "tier": row["tier"],
                "slug": row["slug"],
                "url": f"http://{row['slug']}.{base}",
                "host": f"{row['slug']}.{base}",
                "api_key": row["api_key"],
            }
            for row in demo["workspaces"]
        ],
        "sign_ins": [
            {
                "role": row["role"],
                "login": row["login"],
                "password_or_code": row["password_or_code"],
            }
            for row in demo["sign_ins"]
        ],
    }


def write(var: Path, summary: Summary) -> None:
    write_private(var / "run.json", dict(summary))


def remove(var: Path) -> None:
    (var / "run.json").unlink(missing_ok=True)


def running_at(var: Path) -> str:
    """' at http://…' of the run that holds this folder, or nothing while it is starting."""
    try:
        return f" at {json.loads((var / 'run.json').read_text())['public_url']}"
    except (FileNotFoundError, ValueError, KeyError):
        return ""


def readable(summary: Summary) -> str:
    """Addresses, sign-ins and one curl that works for every route of every workspace."""
    lines = ["", "Running. Stop with Ctrl-C.", ""]
    lines += [f"  {'Public site':<24}{summary['public_url']}"]
    for row in summary["workspaces"]:
        lines.append(f"  {row['tier'].capitalize() + ' workspace':<24}{row['url']}")
    lines += [f"  {'Staff admin':<24}{summary['admin_url']}"]
    lines += [f"  {'Codes and mails':<24}{summary['inbox_url']}", "", "Sign in as", ""]
    for person in summary["sign_ins"]:
        lines.append(f"  {person['role']:<24}{person['login']:<32}{person['password_or_code']}")
    lines += ["", "Try the API", ""]
    for row in summary["workspaces"]:
        lines += [f"  {curl(summary, row, *example)}" for example in EXAMPLES.get(row["tier"], ())]
    return "\n".join([*lines, ""])


def curl(summary: Summary, workspace: Workspace, path: str, body: object) -> str:
    """One line that can be pasted into a shell. A key finds its workspace on the public host."""
    return (
        f"curl -sS -X POST {summary['public_url']}{path}"
        f" -H 'Authorization: Bearer {workspace['api_key']}'"
        f" -H 'Content-Type: application/json' -d '{json.dumps(body, separators=(',', ':'))}'"
    )
