"""The outputs in a graded notebook: our verdicts, and what is safe to keep of what the submission showed.

Grading believes none of the latter; a person who reads a report wants to see its figures. Scripts, HTML, SVG and
widgets are left out by naming what stays, not what goes.
"""

import base64
import binascii

from nbformat import from_dict

from course import report

MAX_TEXT = 4_000  # characters an output
MAX_PICTURE = 300_000  # bytes a picture
MAX_CELL = 20  # outputs a cell
SIGNATURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


def output(kind, **content):
    """An output of a notebook. nbformat's new_output would check each; the whole notebook is checked once."""
    return from_dict({"output_type": kind, **content})


def outputs_of(verdict):
    """A verdict as the outputs from which nbgrader takes the score: stdout alone is full, a number partial, an error 0."""
    text = report.text(verdict)
    if verdict.points <= 0:
        return [error_output("CheckFailed", report.headline(verdict), text)]
    said = output("stream", name="stdout", text=text)
    if verdict.points >= verdict.maximum:
        return [said]
    score = repr(min(max(verdict.points, 0.0), verdict.maximum))
    return [said, output("execute_result", data={"text/plain": score}, metadata={}, execution_count=None)]


def error_output(name, message, text=None):
    """An error output; nbgrader scores a graded cell that has one with 0."""
    name, message = report.clean(name), report.clean(message)
    return output("error", ename=name, evalue=message, traceback=[text or f"{name}: {message}"])


def kept(outputs):
    """The outputs of a cell, safe to show: printed text, plain values, PNG and JPEG pictures, error messages as text."""
    safe = []
    for found in outputs if isinstance(outputs, list) else []:
        made = _safe(found) if isinstance(found, dict) else None
        if made is not None:
            safe.append(made)
    return safe[:MAX_CELL]


def cut(text, most=MAX_TEXT):
    """`text`, or its beginning and end where it is long."""
    if len(text) <= most:
        return text
    return f"{text[: most // 2]}\n[… {len(text) - most} characters left out …]\n{text[-most // 2 :]}"


def _safe(found):
    if found.get("output_type") == "stream":
        return output("stream", name="stdout", text=cut(_joined(found.get("text"))))
    if found.get("output_type") == "error":
        said = f"{_joined(found.get('ename'))}: {_joined(found.get('evalue'))}"
        return output("stream", name="stdout", text=cut(said) + "\n")
    data = found.get("data")
    if not isinstance(data, dict):
        return None
    for mime in SIGNATURES:
        picture = _picture(mime, data.get(mime))
        if picture:
            alt = _alt(found, mime)
            return output("display_data", data={mime: picture}, metadata={mime: {"alt": alt}} if alt else {})
    text = _joined(data.get("text/plain"))
    return output("display_data", data={"text/plain": cut(text)}, metadata={}) if text else None


def _picture(mime, content):
    """Base64 of a picture that is what it says it is, or None."""
    content = _joined(content)
    if not content or len(content) > MAX_PICTURE * 4 // 3 + 100:
        return None
    try:
        raw = base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return base64.b64encode(raw).decode() if raw.startswith(SIGNATURES[mime]) else None


def _alt(found, mime):
    metadata = found.get("metadata")
    entry = metadata.get(mime) if isinstance(metadata, dict) else None
    alt = entry.get("alt") if isinstance(entry, dict) else None
    return alt[:1000] if isinstance(alt, str) else ""


def _joined(value):
    """Jupyter's text: a string or a list of them; anything else is none."""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = "".join(value)
    return value if isinstance(value, str) else ""
