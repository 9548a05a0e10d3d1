"""A project without the addresses of the ads."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
