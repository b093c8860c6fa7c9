import json
import shlex
import stat
from pathlib import Path

from marketing_platform.operations import run_summary
from marketing_platform.operations.environment import Addresses, platform_environment

ADDRESSES = Addresses(8123, "postgresql://x", "redis://y", {"SANDBOX_GATEWAY_URL": "http://z"})
DEMO: run_summary.Demo = {
    "workspaces": [
        {"tier": "local", "slug": "asha-sweets", "api_key": "live_a_b"},
        {"tier": "enterprise", "slug": "veda", "api_key": "live_c_d"},
    ],
    "sign_ins": [{"role": "staff", "login": "staff@shop.example", "password_or_code": "p"}],
}


def test_the_file_has_exactly_the_promised_content(tmp_path: Path) -> None:
    run_summary.write(tmp_path, run_summary.compose(ADDRESSES, DEMO))
    path = tmp_path / "run.json"

    assert json.loads(path.read_text()) == {
        "public_url": "http://127.0.0.1:8123",
        "admin_url": "http://admin.localhost:8123",
        "inbox_url": "http://127.0.0.1:8123/inbox/",
        "workspaces": [
            {
                "tier": "local",
                "slug": "asha-sweets",
                "url": "http://asha-sweets.localhost:8123",
                "host": "asha-sweets.localhost:8123",
                "api_key": "live_a_b",
            },
            {
                "tier": "enterprise",
                "slug": "veda",
                "url": "http://veda.localhost:8123",
                "host": "veda.localhost:8123",
                "api_key": "live_c_d",
            },
        ],
        "sign_ins": DEMO["sign_ins"],
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_the_curls_are_one_shell_line_each_with_their_key() -> None:
    shown = run_summary.readable(run_summary.compose(ADDRESSES, DEMO))
    curls = [shlex.split(line) for line in shown.splitlines() if "curl" in line]

    assert [(words[4], words[6]) for words in curls] == [
        (
            "http://127.0.0.1:8123/api/local/automation/social-media",
            "Authorization: Bearer live_a_b",
        ),
        ("http://127.0.0.1:8123/api/local/intelligence", "Authorization: Bearer live_a_b"),
        ("http://127.0.0.1:8123/api/enterprise/intelligence", "Authorization: Bearer live_c_d"),
    ]
    assert json.loads(curls[2][-1])["series"][0]["points"][0] == ["2024-12-01", 408]


def test_the_addresses_of_this_run_win_over_the_environment(
    tmp_path: Path, monkeypatch: object
) -> None:
    monkeypatch.setenv("BASE_DOMAIN", "elsewhere")
    monkeypatch.setenv("SECRET_KEY", "chosen")
    composed = platform_environment(tmp_path, ADDRESSES)

    assert composed["BASE_DOMAIN"] == "localhost:8123"
    assert composed["SECRET_KEY"] == "chosen"
    assert composed["SANDBOX_GATEWAY_URL"] == "http://z"
    assert composed["SANDBOX_WEBHOOK_URL"] == "http://127.0.0.1:8123/webhooks/billing/sandbox/"
