"""Source that somebody wrote, as HTML: always text, never markup."""

import html

from course.report import clean

LINES = 60  # of an example


def code(source, lines=()):
    """Source as text, escaped, its control characters taken out; some lines marked."""
    shown = source.splitlines()
    made = []
    for k, line in enumerate(shown[:LINES], 1):
        text = html.escape(clean(line))
        made.append(f"<mark>{text}</mark>" if k in lines and text.strip() else text)
    left = [f"… {len(shown) - LINES} lines more"] if len(shown) > LINES else []
    return f'<pre tabindex="0"><code>{chr(10).join(made + left)}</code></pre>'
