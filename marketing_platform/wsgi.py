"""The WSGI entry point; settings come from DJANGO_SETTINGS_MODULE."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketing_platform.settings.development")
application = get_wsgi_application()
