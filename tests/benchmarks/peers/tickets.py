"""A Django view with django-helpdesk: verify LINE's signature, then a ticket for each customer, a follow-up a message.

A message that came before changes nothing; a customer's open ticket takes his next messages. SQLite in a file, as
Django's documentation recommends it for a server: write-ahead log, synchronous normal, transactions that begin at once.
Run by the peers' own interpreter with the folder of its database as argument.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

SECRET = b"0123456789abcdef0123456789abcdef"
PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"

settings.configure(
    SECRET_KEY="only-for-the-benchmark",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    SITE_ID=1,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.sites",
        "django.contrib.messages",
        "django.contrib.admin",
        "django.contrib.humanize",
        "rest_framework",
        "helpdesk",
    ],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": Path(sys.argv[1]) / "tickets.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {"init_command": PRAGMAS, "transaction_mode": "IMMEDIATE"},
        }
    },
    LOGGING_CONFIG=None,
    HELPDESK_TEAMS_MODE_ENABLED=False,  # as its documentation has it for a desk without teams
    HELPDESK_TEAMS_MODEL="auth.User",
    HELPDESK_TEAMS_MIGRATION_DEPENDENCIES=[],
)
django.setup()

from django.db import transaction  # noqa: E402 - after the settings
from django.http import HttpRequest, HttpResponse  # noqa: E402
from front import serve  # noqa: E402
from helpdesk.models import FollowUp, Queue, Ticket  # noqa: E402


def webhook(request: HttpRequest) -> HttpResponse:
    signature = base64.b64encode(hmac.digest(SECRET, request.body, hashlib.sha256)).decode()
    if not hmac.compare_digest(signature, request.headers.get("x-line-signature", "")):
        return HttpResponse("not verified", status=401)
    for event in json.loads(request.body)["events"]:
        if event["type"] == "message" and event["message"]["type"] == "text":
            keep(event)
    return HttpResponse("")


def keep(event: dict[str, Any]) -> None:
    message, customer = event["message"], f"{event['source']['userId']}@line.invalid"
    with transaction.atomic():
        if FollowUp.objects.filter(message_id=message["id"]).exists():
            return
        ticket = Ticket.objects.filter(queue=QUEUE, submitter_email=customer, status=Ticket.OPEN_STATUS).first()
        if ticket is None:
            ticket = Ticket(
                queue=QUEUE, title=message["text"][:60], description=message["text"], submitter_email=customer
            )
            ticket.save()
        FollowUp(ticket=ticket, title="Message", comment=message["text"], public=True, message_id=message["id"]).save()


urlpatterns = [path("webhooks/line/qinghe", webhook), path("helpdesk/", include("helpdesk.urls"))]
call_command("migrate", verbosity=0)
QUEUE = Queue.objects.create(title="Care", slug="care")
serve(get_wsgi_application())
