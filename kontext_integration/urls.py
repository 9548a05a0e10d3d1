"""What the page script talks to; mount it with `path("kontext/", include("kontext_integration.urls"))`."""

from __future__ import annotations

from django.urls import path

from . import relay_views, views

app_name = "kontext"

urlpatterns = [
    path("browser/", views.browser, name="browser"),
    path("events/", views.events, name="events"),
    path("faults/", views.faults, name="faults"),
    path("relay/", relay_views.take, name="relay-take"),
    path("relay/<uuid:relay_id>/", relay_views.answer, name="relay-answer"),
    path("slots/<path:message_id>/<str:code>/", views.snapshot, name="snapshot"),
]
