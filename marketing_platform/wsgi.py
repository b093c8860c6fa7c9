"""The WSGI entry point; settings come from DJANGO_SETTINGS_MODULE."""

import logging
import os

from django.core.wsgi import get_wsgi_application
from django.db import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketing_platform.settings.development")
application = get_wsgi_application()

from marketing_platform.tenants.backend.pooler import pooler_refuse_at_start  # noqa: E402
from marketing_platform.tenants.migrations_runner import undeployed_tiers_refuse  # noqa: E402

pooler_refuse_at_start()
try:
    # A process that cannot serve every workspace of its database does not start.
    undeployed_tiers_refuse()
except OperationalError:
    # Without a database the process starts and says so at /health/ready.
    logging.getLogger(__name__).warning("the database could not be asked for undeployed tiers")
