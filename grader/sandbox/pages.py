"""This process's memory in large pages: a fork then copies one entry where it had to copy five hundred.

Linux 6.1 and newer do it when asked (madvise(2), MADV_COLLAPSE); where they do not, forks only cost what they did.
"""

import ctypes

LARGE = 2 << 20
COLLAPSE = 25

libc = ctypes.CDLL(None)


def enlarge():
    """Gather what this process holds for itself in large pages, as far as it fills them."""
    for start, end in private():
        for place in range(-(-start // LARGE) * LARGE, end - LARGE + 1, LARGE):
            libc.madvise(ctypes.c_void_p(place), ctypes.c_size_t(LARGE), COLLAPSE)  # EINVAL: nothing is there


def private():
    """(start, end) of the memory that can be written and is no file's."""
    with open("/proc/self/maps", encoding="ascii", errors="replace") as file:
        lines = [line.split() for line in file]
    for place, rights, _, _, _, *name in lines:
        if "w" in rights and name in ([], ["[heap]"]):
            start, _, end = place.partition("-")
            yield int(start, 16), int(end, 16)
