"""One picture of each stage, drawn by the model answers, and the table of them in the README.

python -m tests.browser.gallery .github/pictures      # draws them again, about three minutes; no browser needed
"""

import contextlib
import linecache
import re
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from course import catalog, plot
from tests.course.lessons import code_cells

WIDTH, COLORS = 720, 256
README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- gallery -->", "<!-- end of the gallery -->"
ASKS = re.compile(r"^(check|hint|puzzle|quiz)\(", re.MULTILINE)  # cells that wait for a learner


class Win(NamedTuple):
    """What a stage ends up showing, in a line and in words; the cell that draws it, the frame of a film, what it needs."""

    caption: str
    alt: str
    cell: str
    frame: int = -1
    needs: tuple = ()  # demonstrations that have to run first


WINS = {
    "00_claims": Win(
        "a claim, tested: who learns most from little?",
        "Learning curves of four models on digits, from 20 to 1400 examples, and a close-up of their right end.",
        "experiment",
    ),
    "01_one_neuron": Win(
        "a line that was learned, through 512 plans",
        "Three grids of weekly plans. A line parts those that reach 1400 kilocalories from those that do not.",
        "film",
    ),
    "02_smooth_neurons": Win(
        "how sure is sure? It depends on a divisor",
        "Five handwritten digits, all misread, and below each ten bars: how probable the neurons find each digit.",
        "temperature",
        3,
    ),
    "03_networks": Win(
        "what the bend of ReLU is good for",
        "The same weights twice. Without ReLU a straight line parts the plane, with it a winding one and an island.",
        "no-activation",
    ),
    "04_loss_and_slope": Win(
        "down the slope, and the line it finds",
        "Left, a bowl of losses and a path of steps to its bottom. Right, twenty points and the line found there.",
        "film",
    ),
    "05_backprop": Win(
        "a spiral, taken apart by your own backprop",
        "Three arms of a spiral in three colors and shapes, each in a region that winds along with it.",
        "spiral-film",
    ),
    "06_optimizers": Win(
        "five rules in one ravine",
        "Left, the paths of five update rules down a narrow valley. Right, their losses over 120 steps.",
        "film",
    ),
    "07_depth": Win(
        "where the gradient of fifteen layers gets lost",
        "Four maps of gradients, fifteen layers over twenty epochs. One is pale at the bottom, three are dark throughout.",
        "map",
    ),
    "08_generalize": Win(
        "a hundred digits, overfitted and rescued",
        "Seven rows of points: how many validation digits are right with each remedy. The rescue is on top of all.",
        "rescue",
    ),
    "09_numba": Win(
        "one order of loops, six times the trips to memory",
        "Two tables being read, row after row and column after column, after the same twelve numbers: 2 trips and 12.",
        "film",
        5,
    ),
    "10_cuda": Win(
        "who touches what: a tile on its way",
        "Three matrices and two tiles in shared memory. Sixteen threads carry a quarter of a matrix into a tile.",
        "tiled-film",
        6,
    ),
    "11_cnn": Win(
        "edges, found by two filters of nine numbers",
        "A temple and a flower: the photographs, and what edge filters make of them.",
        "photographs",
    ),
    "12_rnn": Win(
        "it writes like Python (✓ compiles)",
        "Lines that a network wrote, most of them marked as lines that compile, and its falling loss.",
        "film",
        needs=("train-run", "train-on-run"),
    ),
    "13_lstm": Win(
        "a cell that remembers “not”",
        "Bars over the words of a sentence: gates and cell of an LSTM. From “not” to “gripping” the cell holds on.",
        "film",
        9,
    ),
    "14_transfer": Win(
        "what a borrowed network is worth",
        "Learning curves from 10 to 200 examples: a borrowed network, one from scratch, a random one, plain pixels.",
        "win",
    ),
    "15_beyond": Win(
        "digits that nobody wrote",
        "Ten small pictures drawn by a network, and as which digit another network reads each.",
        "digits-film",
    ),
}


def draw(stage, folder):
    """The picture of a stage, into `folder`. Returns its path."""
    win, names, shown = WINS[stage], {}, []
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch), drawing(shown) as wanted:
        for cell in code_cells(stage):
            if ASKS.search(cell.source):
                continue
            wanted.runs = cell.id in (*win.needs, win.cell)
            place = f"<{stage}/{cell.id}>"  # where a watched kernel finds the names it has given its arrays
            linecache.cache[place] = len(cell.source), None, cell.source.splitlines(keepends=True), place
            exec(compile(cell.source, place, "exec"), names)
            if cell.id == win.cell:
                return shrunk(shown[-1][win.frame], folder / f"win-{stage[:2]}.png")
    raise LookupError(f"{stage} has no cell {win.cell}")


class drawing:
    """Within it `plot.show` and `plot.film` add lists of figures to `shown`, and demonstrations run where `runs` is set."""

    def __init__(self, shown):
        self.shown, self.runs = shown, False

    def __enter__(self):
        self.demo = sys.modules["course.demo"]
        self.before = plot.show, plot.film, self.demo.recorded, self.demo._run
        plot.show = lambda figure, alt: self.shown.append([figure])
        plot.film = lambda figures, captions, alt: self.shown.append(list(figures))
        self.demo.recorded = lambda kind: Everything()  # every prediction counts as stored
        self.demo._run = lambda function: function() if self.runs else None
        return self

    def __exit__(self, *fault):
        plot.show, plot.film, self.demo.recorded, self.demo._run = self.before


class Everything:
    def __contains__(self, key):
        return True

    def get(self, key, default=None):
        return default


def shrunk(figure, path):
    """The figure as a file that is light on a README: as wide as its place, few colors."""
    path.write_bytes(plot.png(figure))
    with Image.open(path) as picture:
        picture = picture.convert("RGB")
        picture = picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS)
        picture.quantize(COLORS).save(path, optimize=True)
    return path


def table(columns=4):
    """The gallery as it stands in the README: a row of pictures, four in a row, each with its stage and caption."""
    cells = [
        f'<td align="center" width="{100 // columns}%"><img src=".github/pictures/win-{stage[:2]}.png" '
        f'alt="{win.alt}"><br><b>{stage[:2]}</b> {catalog.find(stage).title}:<br>{win.caption}</td>'
        for stage, win in WINS.items()
    ]
    rows = ("\n".join(cells[k : k + columns]) for k in range(0, len(cells), columns))
    return "<table>\n" + "\n".join(f"<tr>\n{row}\n</tr>" for row in rows) + "\n</table>"


def put_into(text):
    """The README's text with the table of today between its marks."""
    return re.sub(f"{BEGIN}.*?{END}", lambda _: f"{BEGIN}\n{table()}\n{END}", text, flags=re.DOTALL)


def main(folder, stages):
    folder.mkdir(parents=True, exist_ok=True)
    for stage in stages or WINS:
        print(draw(stage, folder))
    README.write_text(put_into(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), sys.argv[2:])
