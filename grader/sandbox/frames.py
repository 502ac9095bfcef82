"""Frames on a socket: four bytes of length, big-endian, then that many bytes. Both sides of the wall use this file.

A frame is bounded in size before its first byte is read, and in time as a whole, however slowly it drips. Sockets are
polled and never switched to non-blocking mode: that switch would be shared with every process that holds the socket.
"""

import math
import select
import socket
import struct
import time

MOST = 64 << 20  # bytes in one frame
CHUNK = 1 << 18
FD = struct.Struct("i")
TICK = 0.1  # seconds between two calls of `idle`


class Broken(Exception):
    """The other side hung up, or sent what is no frame."""


class Late(Exception):
    """The deadline passed before the frame was through."""


def send(channel, data, deadline, *, fd=None):
    """Send one frame, and with it the file descriptor `fd`. Raises Late, Broken; ValueError if it is too large."""
    if len(data) > MOST:
        raise ValueError(f"a frame of {len(data)} bytes; at most {MOST} are allowed")
    left = memoryview(len(data).to_bytes(4, "big") + bytes(data))
    while left:
        _wait(channel, select.POLLOUT, deadline, None)
        along = [] if fd is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, FD.pack(fd))]
        try:
            sent = channel.sendmsg([left[:CHUNK]], along, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except BlockingIOError:
            continue
        except OSError as fault:
            raise Broken(f"hung up: {fault.strerror}") from None
        left, fd = left[sent:], None


def receive(channel, deadline=math.inf, *, idle=None, fds=None):
    """One frame's bytes. `deadline` is a time.monotonic(); `idle` is called every now and then while waiting.

    File descriptors that come along are appended to `fds`; without it, the kernel drops them. Raises Late, Broken.
    """
    size = int.from_bytes(_read(channel, 4, deadline, idle, fds), "big")
    if size > MOST:
        raise Broken(f"announced a frame of {size} bytes; at most {MOST} are allowed")
    return _read(channel, size, deadline, idle, fds)


def _read(channel, size, deadline, idle, fds):
    data = bytearray()  # grows with what arrives, not with what was announced
    while len(data) < size:
        _wait(channel, select.POLLIN, deadline, idle)
        most = min(CHUNK, size - len(data))
        try:
            room = 0 if fds is None else socket.CMSG_LEN(FD.size)
            chunk, along, _, _ = channel.recvmsg(most, room, socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC)
        except BlockingIOError:
            continue
        except OSError as fault:
            raise Broken(f"hung up: {fault.strerror}") from None
        if not chunk:
            raise Broken("hung up")
        data += chunk
        for _, _, packed in along:
            fds.append(*FD.unpack(packed))
    return bytes(data)


def _wait(channel, event, deadline, idle):
    """Until the socket is ready; a hang-up counts as ready, and shows when it is read or written."""
    poller = select.poll()
    poller.register(channel, event)
    while True:
        if idle:
            idle()
        left = deadline - time.monotonic()
        if left <= 0:
            raise Late
        left = min(left, TICK) if idle else left
        if poller.poll(None if left == math.inf else math.ceil(left * 1000)):
            return
