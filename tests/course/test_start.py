"""The start page says at a glance what there is, how far one is and what is next, and runs nothing of its own."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from nbformat import v4
from nbformat.sign import NotebookNotary

from course import catalog, coursemap, library, merge, start, workspace
from course.messages import MESSAGES
from tests.course.materials import stage

STAGES = {
    "": {start.PAGE: start.notebook()},
    "00_claims": stage("00_claims", "accuracy", "train_test_split"),
    "01_one_neuron": stage("01_one_neuron", "weighted_sum", "perceptron", "perceptron_train"),
    "03_networks": stage("03_networks"),
}


@pytest.fixture(autouse=True)
def own_jupyter(tmp_path, monkeypatch):
    """Signatures of trusted notebooks go to a folder of this test."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def room(tmp_path):
    folder = tmp_path / "workspace"
    workspace.update(folder, STAGES)
    return folder


def remember(folder, **checks):
    entries = {name: {"stage": "", "status": status} for name, status in checks.items()}
    (folder / ".threshold" / "progress.json").write_text(json.dumps({"format": 1, "check": entries}))


class Page(HTMLParser):
    """The tags of a page: (tag, attributes)."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def page_of(folder):
    return Page(coursemap.page(coursemap.survey(folder)))


def test_the_catalog_holds_sixteen_stages_in_order():
    assert [stage.number for stage in catalog.STAGES] == [f"{i:02}" for i in range(16)]
    assert all(stage.title and stage.outcome.endswith(".") and stage.minutes >= 30 for stage in catalog.STAGES)


@pytest.mark.parametrize("text", ["01", "1", "01_one_neuron", " 01_One_Neuron ", "01_one_neuron.ipynb"])
def test_a_stage_is_found_by_name_and_by_number(text):
    assert catalog.find(text).title == "One neuron"


@pytest.mark.parametrize(
    "text, says",
    {
        "01_one_nueron": "did you mean 01_one_neuron?",
        "backprop": "did you mean 05_backprop?",
        "lstm": "did you mean 13_lstm?",
        "77": "the stages are 00_claims to 15_beyond",
        "": "the stages are 00_claims to 15_beyond",
    }.items(),
)
def test_an_unknown_stage_is_answered_with_the_nearest(text, says):
    with pytest.raises(catalog.BadInput, match=re.escape(says)):
        catalog.find(text)


def test_progress_counts_what_is_right_in_this_stage(room):
    remember(room, accuracy="right", train_test_split="wrong", weighted_sum="right", not_of_this_course="right")
    claims, neuron, smooth, networks = coursemap.survey(room)[:4]
    assert (claims.there, claims.passed, claims.exercises, claims.done) == (True, 1, 2, False)
    assert (neuron.passed, neuron.exercises) == (1, 3)
    assert (smooth.there, smooth.exercises) == (False, 0)
    assert (networks.there, networks.exercises, networks.done) == (True, 0, False)


def test_the_next_step_is_the_first_stage_not_done(room):
    assert coursemap.next_step(coursemap.survey(room)).stage.name == "00_claims"
    remember(room, accuracy="right", train_test_split="right")
    assert coursemap.next_step(coursemap.survey(room)).stage.name == "01_one_neuron"


def test_only_stages_that_are_there_are_links_and_they_lead_to_notebooks(room):
    page = page_of(room)
    links = [attrs["href"] for attrs in page.all("a")]
    assert links[0] == "00_claims/00_claims.ipynb", "the next step comes first, for the keyboard too"
    assert links[1:] == [f"{name}/{name}.ipynb" for name in STAGES if name]
    assert all((room / link).is_file() for link in links)
    kinds = [attrs["class"] for attrs in page.all("li")]
    assert kinds == ["now", "open", "coming", "open", *["coming"] * 12]


def test_progress_bars_say_in_words_what_they_show(room):
    remember(room, accuracy="right", train_test_split="right", perceptron="right")
    bars = [(bar["value"], bar["max"], bar["title"]) for bar in page_of(room).all("progress")]
    assert bars == [
        ("2", "2", "Test the claims: 2 of 2 exercises passed"),
        ("1", "3", "One neuron: 1 of 3 exercises passed"),
    ]


@pytest.mark.parametrize(
    "checks, verb",
    [
        ({}, "Start: 00"),
        ({"accuracy": "right"}, "Continue: 00"),
        (dict.fromkeys(["accuracy", "train_test_split"], "right"), "Next: 01"),
    ],
)
def test_the_button_says_what_it_does(room, checks, verb):
    remember(room, **checks)
    assert f">{verb} " in coursemap.page(coursemap.survey(room))


def test_the_page_fetches_nothing_and_runs_nothing(room):
    text = coursemap.page(coursemap.survey(room))
    assert not re.search(r"https?:|url\(|@import|<script|<iframe|<img|\son\w+=", text)


def test_a_page_without_its_style_still_reads_in_order(room):
    standings = coursemap.survey(room)
    assert coursemap.text(standings).splitlines()[0] == "Next: 00 Test the claims (00_claims/00_claims.ipynb)"
    assert [line[:2] for line in coursemap.text(standings).splitlines()[2:18]] == [f"{i:02}" for i in range(16)]
    assert "coming" in coursemap.text(standings)


def test_the_time_still_needed_shrinks_with_what_is_passed(room):
    assert "2 exercises, 60 min" in coursemap.text(coursemap.survey(room))
    assert "About 3 hours to go." in coursemap.page(coursemap.survey(room)), "60 + 50 + 75 minutes"
    remember(room, accuracy="right")
    assert "1 of 2 passed, 30 min left" in coursemap.text(coursemap.survey(room))
    remember(room, accuracy="right", train_test_split="right", weighted_sum="right", perceptron="right")
    standings = coursemap.survey(room)
    assert [standing.minutes_left for standing in standings[:4]] == [0, 20, 0, 75]


def test_the_library_is_shown_growing(room):
    assert "A function that passes its check is kept in" in coursemap.page(coursemap.survey(room))
    (room / library.FILE).write_text(
        "# >>> perceptron (01_one_neuron) 00000000\ndef perceptron(): ...\n# <<< perceptron\n"
        "# >>> mlp_forward (03_networks) 00000000\ndef mlp_forward(): ...\n# <<< mlp_forward\n"
    )
    page, text = coursemap.page(coursemap.survey(room)), coursemap.text(coursemap.survey(room))
    assert '<a href="my_library.py">' in page and "2 functions of yours in" in page
    assert "<b>03</b> <code>mlp_forward</code>" in page
    assert "01  perceptron" in text and "2 functions of yours in my_library.py" in text


def test_a_library_nobody_can_read_leaves_the_map_standing(room):
    (room / library.FILE).write_bytes(b"\xff\xfe\x00 not text")
    assert "Next: 00" in coursemap.text(coursemap.survey(room))


def test_feedback_waits_on_its_card_the_newest_only(room):
    for time in ("2026-03-01 10:00:00.000000 UTC", "2026-03-02 09:00:00.000000 UTC"):
        folder = room / "01_one_neuron" / "feedback" / time
        folder.mkdir(parents=True)
        (folder / "01_one_neuron.html").write_text("<p>Well done.</p>")
    (link,) = [attrs for attrs in page_of(room).all("a") if attrs.get("class") == "feedback"]
    assert "2026-03-02" in link["href"] and (room / unquote(link["href"])).is_file()
    assert link["title"] == "Feedback on One neuron"
    assert "Feedback: 01_one_neuron/feedback/2026-03-02" in coursemap.text(coursemap.survey(room))


def test_all_passed_and_nothing_there_are_said_in_words(tmp_path):
    done, bare = tmp_path / "done", tmp_path / "bare"
    workspace.update(done, {"00_claims": STAGES["00_claims"]})
    remember(done, accuracy="right", train_test_split="right")
    workspace.update(bare, {"": STAGES[""]})
    for folder, words in ((done, "You have passed every exercise"), (bare, "No stage is in this folder yet")):
        standings = coursemap.survey(folder)
        assert words in coursemap.page(standings) and words in coursemap.text(standings)


def drawn(folder):
    return merge.read((folder / start.PAGE).read_bytes())


def test_the_page_is_drawn_before_any_kernel_runs_and_is_trusted(room):
    start.refresh(room)
    (output,) = drawn(room).cells[0].outputs
    assert "threshold-map" in output.data["text/html"] and "Next: 00" in output.data["text/plain"]
    notary = NotebookNotary()
    assert notary.check_signature(drawn(room))
    notary.store.close()


def test_a_page_with_outputs_of_someone_else_is_not_trusted_for_them(room):
    book = drawn(room)
    hostile = v4.new_output("display_data", data={"text/html": "<script>alert(1)</script>"})
    book.cells.append(v4.new_code_cell("1", id="own", outputs=[hostile]))
    (room / start.PAGE).write_bytes(merge.write(book))
    start.refresh(room)
    notary = NotebookNotary()
    assert not notary.check_signature(drawn(room))
    notary.store.close()


def test_drawing_twice_writes_once_and_survives_an_update(room):
    start.refresh(room)
    before = (room / start.PAGE).stat().st_mtime_ns
    start.refresh(room)
    workspace.update(room, STAGES)
    assert (room / start.PAGE).stat().st_mtime_ns == before


def test_a_learner_may_write_on_the_page(room):
    book = drawn(room)
    book.cells.append(v4.new_markdown_cell("# My plan", id="plan"))
    (room / start.PAGE).write_bytes(merge.write(book))
    workspace.update(room, STAGES)
    start.refresh(room)
    assert [cell.id for cell in drawn(room).cells] == [start.MAP, "how-it-works", "plan"]


def test_show_displays_html_and_text(room, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: shown.append(bundle))
    monkeypatch.chdir(room / "00_claims")
    start.show()
    assert shown[0].keys() == {"text/html", "text/plain"} and "Next: 00" in shown[0]["text/plain"]


def test_drawing_the_map_again_imports_little():
    """Somebody waits for it: in a kernel, whenever the page is looked at."""
    code = "from course import start; import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"nbformat", "matplotlib", "numba", "jsonschema", "sqlite3"} & set(loaded)


def test_the_page_explains_the_marks_that_a_lesson_has():
    """What stops a cell is named by the same sign in the message that sends a learner to it."""
    assert "■" in MESSAGES["still at work"] and "■" in start.ADVICE and "[*]" in start.ADVICE
