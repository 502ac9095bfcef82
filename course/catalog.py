"""The sixteen stages in order: name, title, outcome and minutes. Everyone who needs one of these asks here."""

from dataclasses import dataclass
from difflib import get_close_matches

from course.errors import BadInput


@dataclass(frozen=True)
class Stage:
    """One stage. name: the stem of its source, its notebook and its nbgrader assignment. minutes: a learner's."""

    name: str
    title: str
    outcome: str
    minutes: int

    @property
    def number(self):
        return self.name[:2]


STAGES = (
    Stage("00_claims", "Test the claims", "Split data, beat a baseline, test a claim instead of believing it.", 60),
    Stage("01_one_neuron", "One neuron", "A weighted sum and a threshold that learn to decide.", 50),
    Stage("02_smooth_neurons", "Smooth neurons", "Sigmoid, tanh, ReLU and softmax, safe from overflow.", 60),
    Stage("03_networks", "Networks", "Layers and their shapes, and XOR, which one neuron cannot do.", 75),
    Stage("04_loss_and_slope", "Loss and slope", "Measure how wrong a network is, and walk downhill.", 75),
    Stage("05_backprop", "Backprop", "Send the error backward, and check every gradient.", 120),
    Stage("06_optimizers", "Optimizers", "Batches, momentum and Adam: the same valley in fewer steps.", 90),
    Stage("07_depth", "Depth", "Why deep networks stall, and what keeps their gradients alive.", 90),
    Stage("08_generalize", "Generalize", "Do well on data the network has never seen.", 120),
    Stage("09_numba", "Numba", "Compile your own loops and watch them run hundreds of times faster.", 90),
    Stage("10_cuda", "CUDA", "Write kernels for thousands of threads, on a GPU or in the simulator.", 120),
    Stage("11_cnn", "CNN", "Convolution and pooling: a network that sees.", 150),
    Stage("12_rnn", "RNN", "A network that reads one step at a time and remembers.", 120),
    Stage("13_lstm", "LSTM, GRU, sentiment", "Gates that remember for longer, at work on film reviews.", 120),
    Stage("14_transfer", "Transfer", "Reuse what a network knows, and tell when that hurts.", 75),
    Stage("15_beyond", "GAN, attention, capstone", "Generate, attend, and build on your own library.", 180),
)


def find(text):
    """The stage called `text`: its name ("01_one_neuron") or its number ("01", "1"). Raises BadInput."""
    wanted = text.strip().lower().removesuffix(".ipynb").removesuffix(".py")
    wanted = wanted.zfill(2) if wanted.isdigit() else wanted
    for stage in STAGES:
        if wanted in (stage.name, stage.number):
            return stage
    raise BadInput(f"There is no stage {text!r}; {_nearest(wanted)}")


def _nearest(wanted):
    spellings = {
        spelling: stage.name for stage in STAGES for spelling in (stage.name, stage.name[3:], stage.title.lower())
    }
    near = get_close_matches(wanted, spellings, n=1, cutoff=0.5)
    if near:
        return f"did you mean {spellings[near[0]]}?"
    return f"the stages are {STAGES[0].name} to {STAGES[-1].name}, by name or by number."
