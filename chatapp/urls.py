"""The addresses."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from chatapp import data_views, metrics, readiness, tail, views
from kontext_integration.views import ads_txt

urlpatterns = [
    path("", views.home, name="home"),
    path("c/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/tail/", tail.tail, name="tail"),
    path("c/<uuid:conversation_id>/stop/", views.stop, name="stop"),
    path("c/<uuid:conversation_id>/m/<uuid:message_id>/retry/", views.retry, name="retry"),
    path("c/<uuid:conversation_id>/delete/", views.delete, name="delete"),
    path("data/", data_views.overview, name="data"),
    path("data/export.json", data_views.export_json, name="export_json"),
    path("data/export.md", data_views.export_markdown, name="export_markdown"),
    path("data/delete/", data_views.delete_everything, name="delete_everything"),
    path("data/delete-account/", data_views.delete_account, name="delete_account"),
    path("data/deleted/", data_views.deleted, name="deleted"),
    path("accounts/", include("allauth.account.urls")),
    path("kontext/", include("kontext_integration.urls")),
    path("ads.txt", ads_txt),
    path("healthz", views.healthz),
    path("readyz", readiness.readyz),
    path("metrics", metrics.metrics),
    path("admin/", admin.site.urls),
]

handler400 = "chatapp.views.bad_request"
