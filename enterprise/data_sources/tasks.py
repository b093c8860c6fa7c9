"""Long imports."""

from typing import Any

from django.urls import reverse

from enterprise.data_sources.selectors import draft_of, rows_imported_by
from enterprise.data_sources.services import JOB, draft_import
from marketing_platform.core import clock
from marketing_platform.core.text import mark as _
from marketing_platform.jobs.registry import Progress, job_kind


@job_kind(JOB, label=_("Importing a file"))
def import_run(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """All rows in one transaction: a lost worker leaves the draft as it was, or all done."""
    # A worker has no host, so it says whose addresses it means.
    url = reverse("enterprise-data", urlconf="enterprise.data_sources.urls")
    stored = rows_imported_by(arguments["batch_id"])
    if stored is not None:
        return {"url": url, "rows": stored}
    draft = draft_of(arguments["batch_id"])

    def report(part: float) -> None:
        message = _("Reading the rows") if part < 0.7 else _("Storing the rows")
        progress(part, message)

    batch = draft_import(
        draft=draft,
        good_rows_only=arguments["good_rows_only"],
        may_replace=arguments["may_replace"],
        now=clock.now(),
        progress=report,
    )
    return {"url": url, "rows": batch.rows_imported}
