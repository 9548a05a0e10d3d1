"""What the page script talks to; mount it with `path("kontext/", include("kontext_integration.urls"))`."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "kontext"

urlpatterns = [
    path("browser/", views.browser, name="browser"),
    path("events/", views.events, name="events"),
    path("faults/", views.faults, name="faults"),
    path("slots/<path:message_id>/<str:code>/", views.snapshot, name="snapshot"),
]
