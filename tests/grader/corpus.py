"""Markup that runs something where it is believed: in a student's markdown, a printed text, an error, a name.

Each entry, if it is rendered as HTML with scripts, sets window.pwned or asks for an address outside.
"""

RUN = "window.pwned=1"

HOSTILE = {
    "script": f"<script>{RUN}</script>",
    "script in capitals": f"<SCRIPT>{RUN}</SCRIPT>",
    "script never closed": f"<script>{RUN}",
    "image that fails": f"<img src=x onerror={RUN}>",
    "image with quotes broken": f'![a"onerror="{RUN}](x)',
    "svg": f"<svg onload={RUN}><script>{RUN}</script></svg>",
    "svg in an image": '<img src=\'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="window.pwned=1"/>\'>',
    "frame": f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    "frame elsewhere": "<iframe src='https://example.org/'></iframe>",
    "object": f"<object data='data:text/html,<script>{RUN}</script>'></object>",
    "link that is code": f"[click](javascript:{RUN}) <a href='javascript:{RUN}' autofocus onfocus='{RUN}'>x</a>",
    "link with a break in its name": f"<a href='java\nscript:{RUN}'>x</a>",
    "details that open": f"<details open ontoggle={RUN}><summary>x</summary></details>",
    "form": f"<form action='https://example.org/'><input autofocus onfocus={RUN}></form>",
    "style": f"<style onload={RUN}>@import 'https://example.org/x.css'; *{{background:url(https://example.org/)}}</style>",
    "a style attribute": "<p style='background:url(https://example.org/p.png)'>x</p>",
    "base": "<base href='https://example.org/'><img src='p.png'>",
    "refresh": "<meta http-equiv='refresh' content='0;url=https://example.org/'>",
    "picture elsewhere": "![tracked](https://example.org/p.png)",
    "picture set": "<img srcset='https://example.org/p.png 1x'><picture><source srcset='https://example.org/q.png'></picture>",
    "video": "<video src='https://example.org/v.mp4' poster='https://example.org/p.png' autoplay></video>",
    "marquee": f"<marquee onstart={RUN}>x</marquee>",
    "template": f"<template><script>{RUN}</script></template><noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    "mathematics that is text": r"$\text{<script>window.pwned=1</script>}$",
    "mathematics that is a link": r"$\href{javascript:window.pwned=1}{x}$ $$\href{https://example.org/}{y}$$",
    "mathematics mutated": f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={RUN}&gt;'>",
    "mathematics with an action": f"<math><maction actiontype='statusline' xlink:href='javascript:{RUN}'>x</maction></math>",
    "formula never closed": "$$ \\frac{" + "{" * 300,
    "a picture that is missing": "![x](attachment:none.png)",
    "mermaid": f"```mermaid\ngraph TD; A[<img src=x onerror={RUN}>]\n```",
    "code block named script": f"```html\n<script>{RUN}</script>\n```",
    "comment": f"<!--><script>{RUN}</script>-->",
    "quotes without end": ">" * 3000 + "x",
    "brackets without end": "[" * 5000,
    "environments without end": r"\begin{a}" * 2000,
    "dollars": "$" * 9999,
    "end of the page": f"</pre></main></body></html><script>{RUN}</script>",
    "control characters": f"\x1b]0;x\x07<scr\x00ipt>{RUN}</scr\x00ipt>\u202e",
}
