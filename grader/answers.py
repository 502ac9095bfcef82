"""A model answer in pieces that tell it, however they are spelled: lines, what is returned, runs of tokens, syntax."""

import ast
import inspect
import re

from grader.aids import as_function
from grader.exercises import of_stage
from grader.notebook import model_source, pieces

SHORT = 12  # characters: a line of code shorter than this is nobody's secret
RUN = 28  # tokens in a row, wherever they stand: in a comment, in prose, broken over lines
LARGE = 48  # nodes of a syntax tree: an expression or a statement this large is an answer, whatever its names are
VOCABULARY = {"cuda.syncthreads()"}  # words of a language that a lesson teaches: where they stand is the answer


def answers_of(stage):
    """{exercise: its Answer} of a stage."""
    given = list(_revealed(stage))
    known = VOCABULARY.union(*map(lines, given)), set().union(*map(runs, given)), set().union(*map(shapes, given))
    return {name: Answer(exercise, *known) for name, exercise in of_stage(stage).items()}


class Answer:
    """A model answer, in pieces that tell it: lines, runs of tokens, shapes of syntax; less those that are known."""

    def __init__(self, exercise, known_lines, known_runs, known_shapes):
        body = model_source(exercise.model, solution=True)[1]
        self.lines = (lines(body) | returned(body)) - known_lines
        self.runs = runs(body) - known_runs
        self.shapes = shapes(body).keys() - known_shapes

    def told_by_texts(self, texts):
        """The pieces of it in other texts than cells."""
        for text in sorted(set(texts)):
            yield from (f"`{line}`" for line in sorted(self.lines & (lines(text) | quoted(text))))
            if self.runs & runs(text):
                yield f"“{text[:80]}”"

    def told_by(self, cell):
        """The pieces of it that a cell holds, largest first; a piece of a piece is not told again."""
        is_code = cell.cell_type == "code"
        found = sorted(self.lines & (lines(cell.source) if is_code else quoted(cell.source)))
        yield from (f"`{line}`" for line in found)
        if found:
            return
        there = shapes(cell.source) if is_code else {}
        alike = [there[shape] for shape in self.shapes & there.keys()]
        if alike:
            yield f"`{max(alike, key=len)[:80]}`, with other names perhaps,"
        elif copied := self.runs & runs(cell.source):
            yield f"“{' '.join(min(copied))[:80]}”"


def _revealed(stage):
    """Every text by which a stage gives something away on purpose."""
    for exercise in of_stage(stage).values():
        head, body = model_source(exercise.model, solution=True)
        yield from (head, inspect.getdoc(exercise.model))
        if exercise.reveal == "worked":
            yield from (body, "\n".join(returned(body)))
        yield "\n".join(pieces(exercise)[1])


def lines(source):
    """The lines of code that say something, normalized: `w=w+1 # so`, `# w = w+1` and `w = w + 1` are one line."""
    found = set()
    for line in source.splitlines():
        text = line.strip().lstrip("# ")
        try:
            text = ast.unparse(ast.parse(text))
        except (SyntaxError, ValueError):  # the head of a block, or half of a statement
            text = " ".join(text.split())
        if len(text) >= SHORT:
            found.add(text)
    return found


def returned(body):
    """The expressions that a function's body returns, as lines: a short answer is told by its expression alone."""
    tree = ast.parse(as_function(body))
    values = (node.value for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value)
    return set().union(*(lines(ast.unparse(value)) for value in values))


def quoted(prose):
    """The lines of code that prose sets as code, between backticks."""
    return set().union(*map(lines, re.findall(r"`([^`]+)`", prose)))


def runs(text):
    """Every run of RUN tokens; spaces, line breaks and comment marks do not count."""
    tokens = re.findall(r"\w+|[^\w\s#]", text)
    return {tuple(tokens[i : i + RUN]) for i in range(len(tokens) - RUN + 1)}


def shapes(source):
    """{syntax of a large expression or statement, its names numbered: as it is written}; {} for what does not parse."""
    try:
        tree = ast.parse(as_function(source))
    except (SyntaxError, ValueError):
        return {}
    nodes = (node for node in ast.walk(tree.body[0]) if isinstance(node, (ast.expr, ast.stmt)))
    inner = (node for node in nodes if not isinstance(node, (ast.FunctionDef, ast.JoinedStr, ast.FormattedValue)))
    return {_shape(node): ast.unparse(node) for node in inner if sum(1 for _ in ast.walk(node)) >= LARGE}


def _shape(node):
    names = {}
    return re.sub(
        r"(id|arg)='(\w+)'", lambda found: f"{found[1]}={names.setdefault(found[2], len(names))}", ast.dump(node)
    )
