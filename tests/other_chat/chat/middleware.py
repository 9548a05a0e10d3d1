from __future__ import annotations


def greet(get_response):
    """Synchronous, as the middleware of many a project is: what follows it runs while its thread waits."""

    def middleware(request):
        response = get_response(request)
        response["X-Greeting"] = "hello"
        return response

    return middleware
