from __future__ import annotations


def user_id(request):
    return str(request.user.pk) if request.user.is_authenticated else None
