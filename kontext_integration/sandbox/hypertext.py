"""A page of the sandbox as an HTTP answer, with the policy it is kept by."""

from __future__ import annotations

from aiohttp import web


def html_page(html: str, csp: str, status: int = 200) -> web.Response:
    headers = {
        "Content-Security-Policy": csp,
        "Cache-Control": "no-store",
        # Not "no-referrer", which would take the Origin off our own forms.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(text=html, status=status, content_type="text/html", headers=headers)
