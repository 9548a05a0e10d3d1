"""The addresses."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from chatapp import readiness, views
from kontext_integration.views import ads_txt

urlpatterns = [
    path("", views.home, name="home"),
    path("c/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/stop/", views.stop, name="stop"),
    path("c/<uuid:conversation_id>/m/<uuid:message_id>/retry/", views.retry, name="retry"),
    path("kontext/", include("kontext_integration.urls")),
    path("ads.txt", ads_txt),
    path("healthz", views.healthz),
    path("readyz", readiness.readyz),
    path("admin/", admin.site.urls),
]
