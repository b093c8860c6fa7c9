"""Reading uploaded files, pure: imports neither Django nor Celery."""
