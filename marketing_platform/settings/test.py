"""Tests: real PostgreSQL and Redis, quick password hashing, work run when asked."""

import os

os.environ.setdefault("BASE_DOMAIN", "localhost")

from marketing_platform.settings.development import *  # noqa: F403

DEBUG = False
# Tests of the others name them.
BILLING_GATEWAYS = ["sandbox"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
API_REQUESTS_PER_MINUTE = 100_000
ANSWER_FLOOR_MS = 0
# A test that wants prepared schemas says so.
WORKSPACE_POOL = {}
# Every new test client makes the middlewares again: files are looked up when asked for.
WHITENOISE_AUTOREFRESH = True
