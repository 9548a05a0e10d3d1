from __future__ import annotations

from chat import views
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import include, path

from kontext_integration.views import ads_txt

urlpatterns = [
    path("", views.begin),
    path("<int:pk>/", views.show, name="conversation"),
    path("<int:pk>/send/", views.send, name="send"),
    path("ads/<int:pk>/", views.ad, name="ad"),
    path("numbers/", views.numbers),
    path("kontext/", include("kontext_integration.urls")),
    path("ads.txt", ads_txt),  # 404 until ADS_TXT has lines
    *staticfiles_urlpatterns(),
]
