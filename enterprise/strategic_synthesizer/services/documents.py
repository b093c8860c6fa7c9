"""The brief as files."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext, override

from enterprise.strategic_synthesizer.engine.contracts import Run
from enterprise.strategic_synthesizer.engine.finished import Finished
from enterprise.strategic_synthesizer.engine.slides import slides
from enterprise.strategic_synthesizer.selectors import StoredBrief
from marketing_platform.core.text import mark as _
from marketing_platform.documents.render import render_pdf

PDF = "application/pdf"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
TEMPLATE = Path(__file__).parents[1] / "content" / "brief.typ"
COLUMNS = ("", _("What"), _("Value"), _("Range"), _("Rows"), _("As of"), _("Run"))
NOTE = _(
    "Each letter in the brief names a line here. Run names the computation in the product; rows is "
    "how many records it was made of."
)


def brief_pdf(stored: StoredBrief, language: str) -> bytes:
    """The brief on A4, and the evidence of every figure."""
    return render_pdf(TEMPLATE, payload=payload_of(stored.finished(language)))


def brief_slides(stored: StoredBrief, language: str) -> bytes:
    """The brief as a .pptx file."""
    with override(language):
        words = {
            "before": gettext("Before"),
            "after": gettext("After"),
            "unit": gettext("rupees a week"),
        }
    return slides(stored.brief, stored.finished(language), words=words)


def payload_of(finished: Finished) -> dict[str, Any]:
    """What content/brief.typ reads."""
    with override(finished.language):
        texts = {
            "evidence_title": gettext("Where the figures come from"),
            "evidence_note": gettext(NOTE),
            "evidence_columns": [gettext(each) if each else "" for each in COLUMNS],
        }
    return {
        **texts,
        "language": finished.language,
        "title": finished.title,
        "company": f"{finished.company} · {finished.dated}",
        "footer": finished.company,
        "headline": _marked(finished.headline),
        "sections": [
            {
                "title": section.title,
                "claims": [_marked(claim) for claim in section.claims],
                "table": section.table
                and {
                    "columns": list(section.table.columns),
                    "rows": [
                        {"name": row.name, "figures": [_marked((run,)) for run in row.figures]}
                        for row in section.table.rows
                    ],
                },
            }
            for section in finished.sections
        ],
        "evidence": [
            {
                "id": row.id,
                "metric": row.metric,
                "value": row.value,
                "interval": row.interval,
                "rows": row.rows,
                "as_of": row.as_of,
                "run": row.run,
            }
            for row in finished.evidence
        ],
    }


def _marked(runs: tuple[Run, ...]) -> str:
    """One sentence with its figures as [[letter|text]]; brackets in names become round ones."""
    return "".join(
        f"[[{run.evidence_id}|{run.text}]]" if run.evidence_id else run.text.translate(ROUND)
        for run in runs
    )


ROUND = str.maketrans("[]", "()")
