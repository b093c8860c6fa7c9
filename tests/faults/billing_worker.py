"""What the workers of the billing drill are told besides the product: the gateways' clock.

By --include of celery. The twins' clock runs ahead of ours by what stands in a file; leases and
messages are short, so that a killed worker's rows are taken up within seconds. Letters to the
customer are tested on their own and left out here.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import stripe
from django.conf import settings

import billing.tasks  # noqa: F401  the handlers
from marketing_platform.celery import app
from marketing_platform.core import clock
from marketing_platform.schedule import services as schedule

AHEAD = Path(os.environ["FAULTS_AHEAD"])


def now() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=int(AHEAD.read_text()))


clock.now = now
settings.BILLING_GATEWAYS = ["razorpay", "stripe"]
schedule.LEASE = timedelta(seconds=4)
schedule.NUDGE_AGAIN = timedelta(seconds=3)
stripe.HTTPClient.INITIAL_DELAY = stripe.HTTPClient.MAX_DELAY = 0
app.conf.broker_transport_options = {
    **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
    "visibility_timeout": 10,
    "unacked_mutex_expire": 3,
}
