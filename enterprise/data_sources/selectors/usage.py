"""What counts towards the plan; the sample never does."""

from django.db.models import QuerySet

from enterprise.data_sources.models import Contact, DataSource, Lead


def sources_own() -> QuerySet[DataSource]:
    return DataSource.objects.filter(is_sample=False, cleared_at=None)


def people_stored() -> tuple[QuerySet[Contact], QuerySet[Lead]]:
    """Contacts and leads as they are kept; those that a CRM removed are no longer counted."""
    rows = {"source__is_sample": False, "removed_at": None}
    return Contact.objects.filter(**rows), Lead.objects.filter(**rows)
