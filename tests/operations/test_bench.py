import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from marketing_platform.operations import bench


def test_the_table_has_aligned_columns() -> None:
    rows = [{"what": "warm", "ms": 9.5}, {"what": "cold start", "ms": 1234.0}]

    assert bench.table(rows) == (
        "what              ms\n----------  --------\nwarm            9.50\ncold start  1,234.00"
    )


def test_the_last_line_is_one_json_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "daily_content.py").write_text("")
    monkeypatch.setattr(bench, "FOLDER", tmp_path)
    asked = []

    def measured(full: bool) -> tuple[list, dict]:
        asked.append(full)
        return [{"businesses": 100}], {"seconds": 1.5}

    monkeypatch.setattr(bench, "_load", lambda name: SimpleNamespace(run=measured))

    assert bench.main(["daily-content", "--full"]) == 0
    assert asked == [True]
    last = capsys.readouterr().out.splitlines()[-1]
    assert json.loads(last) == {"bench": "daily-content", "seconds": 1.5}


def test_an_unknown_name_is_refused_with_the_known_ones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "daily_content.py").write_text("")
    monkeypatch.setattr(bench, "FOLDER", tmp_path)

    with pytest.raises(SystemExit):
        bench.main(["nothing"])
    assert "daily-content" in capsys.readouterr().err
