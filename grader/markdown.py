"""Markdown that a student may have written, as HTML that only shows: no script, no style, nothing loaded from elsewhere.

Mathematics becomes MathML, which browsers draw by themselves: feedback is read offline and holds no script.
"""

import html
import re
import secrets
from xml.etree import ElementTree

import nh3
from latex2mathml.converter import convert_to_element
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from grader.outputs import cut

MAX_SOURCE = 20_000  # characters: the parser's time grows with their square
MAX_FORMULA = 2_000
TAGS = nh3.ALLOWED_TAGS - {"area", "map"}
MATH_TAGS = {
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mstyle", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup",
    "munder", "mover", "munderover", "mmultiscripts", "mtable", "mtr", "mtd", "mpadded", "mphantom", "menclose",
}  # fmt: skip
MATH_ATTRIBUTES = {
    "display", "mathvariant", "stretchy", "fence", "form", "separator", "accent", "accentunder", "movablelimits",
    "linethickness", "minsize", "maxsize", "width", "lspace", "rspace", "columnalign", "notation", "displaystyle",
}  # fmt: skip
PICTURE = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=\s]*")


def to_html(source):
    """Clean HTML of Markdown with LaTeX mathematics."""
    formulas = Formulas(escape=False)
    source = cut(source, MAX_SOURCE)
    try:
        made = MarkdownWithMath(renderer=formulas).render(source)
        return formulas.put_back(clean(made, formulas.as_written))
    except Exception:  # nested too deeply, a picture that is not there: then as it was written
        return f"<pre>{html.escape(source)}</pre>"


def clean(content, as_written=str):
    """HTML reduced to what shows text, tables and pictures that are in it.

    as_written: makes of an attribute's value, which is text, what stands there in the end.
    """
    return nh3.clean(
        content,
        tags=TAGS,
        url_schemes={"http", "https", "mailto", "data"},
        attribute_filter=lambda tag, name, value: _attribute(tag, name, as_written(value)),
        strip_comments=True,
    )


def _attribute(tag, name, value):
    """An attribute's value, or None to leave it out: pictures come from nowhere but the document itself."""
    if (tag, name) == ("img", "src"):
        return value if PICTURE.fullmatch(value) else None
    bare = re.sub(r"[\x00-\x20]+", "", value)  # as a browser reads an address
    return None if bare.lower().startswith("data:") else value


class Formulas(IPythonRenderer):
    """Markdown's renderer, with a token nobody can guess in place of each formula while the rest is cleaned."""

    def __init__(self, **options):
        super().__init__(**options)
        self.secret, self.found = secrets.token_hex(8), []
        self.token = re.compile(rf"formula-{self.secret}-(\d+)-")

    def put_back(self, content):
        """The cleaned HTML with its formulas as MathML."""
        return self.token.sub(lambda match: mathml(*self.found[int(match[1])]), content)

    def as_written(self, value):
        """An attribute's value with its formulas in LaTeX: MathML holds quotes, which would end the attribute."""
        return self.token.sub(lambda match: self.found[int(match[1])][0], value)

    def block_math(self, body):
        """A displayed formula."""
        return self._keep(body, "block")

    def multiline_math(self, text):
        """A displayed formula."""
        return self._keep(text, "block")

    def inline_math(self, body):
        """A formula in a line of text."""
        return self._keep(body, "inline")

    def latex_environment(self, name, body):
        """An environment of LaTeX, `aligned` and its like."""
        return self._keep(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")

    def _keep(self, body, display):
        self.found.append((body, display))
        return f"formula-{self.secret}-{len(self.found) - 1}-"


def mathml(latex, display="inline"):
    """LaTeX as MathML; as plain code where it cannot be read. The converter passes on what it is given: we do not."""
    try:
        if len(latex) > MAX_FORMULA:
            raise ValueError("too long")
        element = convert_to_element(latex, display=display)
        _only_mathematics(element)
        return ElementTree.tostring(element, encoding="unicode")
    except Exception:  # a formula is a student's: the converter raises what it makes it raise
        return f"<code>{html.escape(latex)}</code>"


def _only_mathematics(element):
    if element.tag.rpartition("}")[2] not in MATH_TAGS:
        raise ValueError(f"no mathematics: {element.tag}")
    element.text = html.unescape(element.text) if element.text else element.text
    element.tail = None
    for name in list(element.attrib):
        if name not in MATH_ATTRIBUTES and name != "xmlns":
            del element.attrib[name]
    for child in element:
        _only_mathematics(child)
