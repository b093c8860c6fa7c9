"""What the backend raises; subclasses of Django's, so that callers need not know them."""

from django.db.utils import OperationalError, ProgrammingError


class SchemaMissing(ProgrammingError):
    """The acting workspace has no schema: nothing is read from anywhere else instead."""


class PoolerRefused(OperationalError):
    """A connection pooler mixes the sessions of different clients."""
