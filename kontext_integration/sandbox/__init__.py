"""A local ad server for development: it speaks the real protocol, checks what it is sent, and fills with house ads.

It is an independent second reading of the protocol, so it imports nothing of the SDK's wire code: what both agree on is
then more than one opinion. Only `manage.py ad_sandbox` starts it; no request of the site ever passes through it.
"""
