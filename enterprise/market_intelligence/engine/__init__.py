"""Market intelligence, pure: imports neither Django nor Celery."""
