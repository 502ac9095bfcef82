"""The grader's side believes nothing: whatever a taken-over sandbox sends, a session is lost, and that is all."""

import json
import socket
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import save

from course.wire import pack, unpack
from grader.sandbox import SessionLost, frames, keeper, session, worker


class Puppet:
    """A sandbox that answers as the test tells it to."""

    kind = "puppet"

    def __init__(self, answer):
        self.channel, self.end = socket.socketpair()
        self.stopped = False
        self.thread = threading.Thread(target=self._play, args=(answer,))
        self.thread.start()

    def _play(self, answer):
        question = unpack(frames.receive(self.end, time.monotonic() + 10))
        for piece in answer(question):
            try:
                self.end.sendall(piece)
            except OSError:
                return

    def compiled(self):
        pass

    def stop(self):
        self.stopped = True
        self.channel.close()
        self.end.close()


@pytest.fixture
def puppet():
    made = []

    def make(answer):
        made.append(Puppet(answer))
        return session.Session(made[-1])

    yield make
    for one in made:
        one.stop()
        one.thread.join()


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(session, "GRACE_SECONDS", 0.2)


def frame(data):
    return len(data).to_bytes(4, "big") + data


def tree_of(text):
    return save({"tree": np.frombuffer(text.encode(), np.uint8)})


def as_bytes(tree):
    return np.frombuffer(pack(tree), np.uint8)


BREACHES = {
    "nothing": lambda q: [],
    "garbage": lambda q: [b"\xff" * 100],
    "an empty frame": lambda q: [frame(b"")],
    "a frame of garbage": lambda q: [frame(b"garbage" * 100)],
    "a header and no more": lambda q: [(1000).to_bytes(4, "big")],
    "a drip": lambda q: (time.sleep(0.05) or b"\0" for _ in range(100)),
    "one byte": lambda q: [frame(b"x")],
    "a status that is an array": lambda q: [
        frame(pack({"id": q["id"], "answer": as_bytes({"status": np.zeros(2), "error": None})}))
    ],
    "another id": lambda q: [frame(pack({"id": "0" * 32, "answer": as_bytes({"status": "ran", "error": None})}))],
    "no id": lambda q: [frame(pack({"answer": as_bytes({"status": "ran", "error": None})}))],
    "no dict": lambda q: [frame(pack([1, 2, 3]))],
    "a nest": lambda q: [frame(tree_of('{"list":[' * 100_000))],
    "a header of safetensors that lies": lambda q: [frame((1 << 40).to_bytes(8, "little") + b"{}")],
}


@pytest.mark.parametrize("answer", BREACHES.values(), ids=BREACHES)
def test_a_breach_of_the_protocol_ends_the_session(puppet, answer):
    opened = puppet(answer)
    with pytest.raises(SessionLost):
        opened.run("1", 0.1)
    with pytest.raises(SessionLost, match="is over"):
        opened.run("1", 0.1)


def test_the_id_of_a_question_cannot_be_guessed(puppet):
    seen = []

    def answer(question):
        seen.append(question["id"])
        return [frame(pack({"id": question["id"], "answer": as_bytes({"status": "ran", "error": None})}))]

    for _ in range(20):
        assert puppet(answer).run("1", 5.0).status == "ran"
    assert len(set(seen)) == 20
    assert all(len(name) == 32 for name in seen)


def test_a_proper_frame_with_an_improper_answer_costs_that_call(puppet):
    for answer in (
        b"garbage",
        tree_of("[1]"),
        pack([1]),
        pack([]),
        pack({}),
        pack([{"status": 3}]),
        pack([{"status": np.zeros(2)}]),
        b"x",
        pack([{"status": "returned"}] * 2),
    ):
        opened = puppet(lambda q, a=answer: [frame(pack({"id": q["id"], "answer": np.frombuffer(a, np.uint8)}))])
        outcome = opened.call("f", {"args": ()}, 5.0)
        assert (outcome["status"], outcome["error"]["message"]) == ("died", "no proper answer came back")


@pytest.mark.parametrize("reply", [b"", b"x", worker.HEAD.pack(worker.ENDED, 11) + b"more"], ids=len)
def test_the_keeper_takes_a_reply_of_any_length(reply):
    mine, theirs = socket.socketpair()
    with mine, theirs:
        theirs.sendall(frame(reply))
        words = keeper.Keeper._last_words(SimpleNamespace(snapshot=mine))
    assert words == ("signal 11, SIGSEGV" if len(reply) > 1 else "no proper answer came back")


def test_words_from_below_are_cut_and_never_anything_but_words(puppet):
    error = {"type": 7, "message": "x" * 10_000, "line": ["y"], "more": 1}
    opened = puppet(lambda q: [frame(pack({"id": q["id"], "answer": as_bytes({"status": "raised", "error": error})}))])
    assert opened.run("1", 5.0).error == {"type": "", "message": "x" * session.MAX_WORDS, "line": ""}


def test_an_error_in_a_cell_is_data(puppet):
    answer = {"status": "raised", "error": {"type": "E", "message": "<script>", "line": "x"}}
    opened = puppet(lambda q: [frame(pack({"id": q["id"], "answer": as_bytes(answer)}))])
    assert json.dumps(opened.run("1", 5.0).error)
