"""The app for WSGI servers: `gunicorn wsgi:app`, `granian --interface wsgi wsgi:app`."""

from api.app import create_app

app = create_app()
