"""A progress bar for training, and a stop button that loses nothing.

    with bar(10, "epochs") as epochs:
        for _ in epochs:
            ...                                # train: change the weights in place
            epochs.say(f"loss {loss:.3f}")

It says how long the rest will take. Whoever interrupts the kernel (■, or i i) ends the training there: the cell goes on
below with the weights as they are.
"""

import time

from course import widgets

WIDTH = 24  # of the bar in plain text
SOON = 2  # seconds, and too few to count down
PAUSE = 0.1  # seconds between two drawings: thousands of short rounds must not wait for the page


class bar:
    """Count to `total` and show how far it is. `done` holds how many rounds are finished, `stopped` whether it was cut short."""

    def __init__(self, total, unit="steps"):
        self.total, self.unit, self.done, self.words, self.stopped = total, unit, 0, "", False
        self._over = False

    def __enter__(self):
        self._begin = self._drawn = time.perf_counter()
        self._handle = widgets.show(self._page()) if widgets.in_notebook() else None
        return self

    def __iter__(self):
        for _ in range(self.total):
            yield self.done
            self.done += 1
            self._draw()

    def say(self, words):
        """Put `words` beside the bar, from the end of this round on."""
        self.words = words

    def __exit__(self, kind, fault, trace):
        self.stopped = kind is KeyboardInterrupt
        self._over = True
        self._draw()
        if not widgets.in_notebook():
            print(self._text())
        return self.stopped  # an interruption ends the training, not the cell; any other error goes on

    def _draw(self):
        now = time.perf_counter()
        if self._handle is not None and (self._over or now - self._drawn >= PAUSE):
            self._drawn = now
            self._handle.update(self._page(), raw=True)

    def _text(self):
        full = WIDTH * self.done // self.total if self.total else WIDTH
        count = f"{self.done} of {self.total} {self.unit}"
        if self.stopped:
            count = f"stopped after {count}; the weights are kept"
        return " · ".join(filter(None, ["█" * full + "░" * (WIDTH - full), count, self._left(), self.words]))

    def _left(self):
        """How long the rest will take if it goes on like this, in words; "" where that is soon or cannot be told yet."""
        if self._over or not self.done:
            return ""
        seconds = (time.perf_counter() - self._begin) / self.done * (self.total - self.done)
        if seconds < SOON:
            return ""
        return f"about {seconds:.0f} s left" if seconds < 100 else f"about {seconds / 60:.0f} min left"

    def _page(self):
        _, *words = self._text().split(" · ")
        label = widgets.prose(f"{self.done} of {self.total} {self.unit}")
        meter = f'<progress max="{self.total}" value="{self.done}" aria-label="{label}" style="width:16em"></progress>'
        return widgets.page(f"{meter} {widgets.prose(' · '.join(words))}", self._text())
