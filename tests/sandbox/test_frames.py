"""A frame arrives whole, in time and bounded, or not at all."""

import os
import socket
import threading
import time
import tracemalloc

import pytest

from grader.sandbox import frames


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def soon(seconds=5.0):
    return time.monotonic() + seconds


def test_a_frame_arrives_as_it_was_sent(pair):
    ours, theirs = pair
    for data in (b"", b"x", bytes(range(256)) * 10_000):
        sender = threading.Thread(target=frames.send, args=(theirs, data, soon()))
        sender.start()
        assert frames.receive(ours, soon()) == data
        sender.join()


def test_a_frame_brings_a_descriptor_along_only_to_who_asks_for_it(pair, tmp_path):
    ours, theirs = pair
    (tmp_path / "file").write_text("content")
    with open(tmp_path / "file") as file:
        for _ in range(2):
            frames.send(theirs, b"with a file", soon(), fd=file.fileno())
    came = []
    assert frames.receive(ours, soon(), fds=came) == b"with a file"
    (fd,) = came
    with open(fd) as file:
        assert file.read() == "content"
    before = os.listdir("/proc/self/fd")
    assert frames.receive(ours, soon()) == b"with a file"
    assert len(os.listdir("/proc/self/fd")) == len(before)


@pytest.mark.parametrize("announced", [frames.MOST + 1, 2**32 - 1])
def test_a_frame_that_is_too_large_is_refused_before_it_is_read(pair, announced):
    ours, theirs = pair
    theirs.sendall(announced.to_bytes(4, "big"))
    with pytest.raises(frames.Broken, match="announced a frame of"):
        frames.receive(ours, soon())


def test_memory_grows_with_what_arrives_not_with_what_is_announced(pair):
    ours, theirs = pair
    theirs.sendall(frames.MOST.to_bytes(4, "big") + b"a little")
    tracemalloc.start()
    with pytest.raises(frames.Late):
        frames.receive(ours, soon(0.1))
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_a_slow_drip_does_not_move_the_deadline(pair):
    ours, theirs = pair
    stop = threading.Event()

    def drip():
        for byte in (1000).to_bytes(4, "big") + bytes(1000):
            if stop.wait(0.02):
                return
            theirs.sendall(bytes([byte]))

    dripping = threading.Thread(target=drip)
    dripping.start()
    start = time.monotonic()
    with pytest.raises(frames.Late):
        frames.receive(ours, soon(0.3))
    assert time.monotonic() - start < 2
    stop.set()
    dripping.join()


def test_a_hang_up_in_the_middle_is_told_from_silence(pair):
    ours, theirs = pair
    theirs.sendall((10).to_bytes(4, "big") + b"half")
    theirs.close()
    with pytest.raises(frames.Broken, match="hung up"):
        frames.receive(ours, soon())


def test_a_peer_that_does_not_read_costs_the_sender_its_deadline_and_no_more(pair):
    ours, _ = pair
    with pytest.raises(frames.Late):
        frames.send(ours, bytes(frames.MOST), soon(0.3))


def test_sending_to_nobody_is_broken_not_fatal(pair):
    ours, theirs = pair
    theirs.close()
    with pytest.raises(frames.Broken):
        frames.send(ours, b"anybody?", soon())


def test_idle_is_called_while_nothing_comes(pair):
    ours, _ = pair
    calls = []
    with pytest.raises(frames.Late):
        frames.receive(ours, soon(0.35), idle=lambda: calls.append(1))
    assert len(calls) >= 3
