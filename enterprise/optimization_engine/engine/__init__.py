"""Marketing mix and budget, pure: imports neither Django nor Celery."""
