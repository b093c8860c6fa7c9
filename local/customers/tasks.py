from typing import Any

from django.urls import reverse

from local.customers.services import import_release, import_run
from local.customers.services.consent import SUBJECT, subject_opted_out
from local.customers.services.erasure import subject_erased
from local.customers.services.import_drafts import JOB
from marketing_platform.core import clock
from marketing_platform.core.text import mark as _
from marketing_platform.jobs.registry import Progress, job_kind
from marketing_platform.tenants.models import SubjectAct, Tenant
from marketing_platform.tenants.restoring import subject_handler


@job_kind(JOB, label=_("Bringing in your customers"))
def customers_import(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    try:
        batch = import_run(batch_id=arguments["batch_id"], progress=progress, now=clock.now())
    except Exception:
        import_release(batch_id=arguments["batch_id"])
        raise
    # A worker has no host, and so no map of addresses but this.
    url = reverse("local-customers-import-file", urlconf="local.urls", args=[batch.pk])
    return {"url": url, **batch.counts}


@subject_handler(SUBJECT)
def customer_left(_tenant: Tenant, subject: str, act: str) -> None:
    """Whoever was erased or said no more after a backup is so in the restored workspace too."""
    if act == SubjectAct.ERASED:
        subject_erased(subject)
    else:
        subject_opted_out(subject, now=clock.now())
