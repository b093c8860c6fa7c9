"""The Celery application. Tasks are sent by name through it; see schedule for what is due later."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketing_platform.settings.development")

app = Celery("marketing_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["marketing_platform.schedule"])
