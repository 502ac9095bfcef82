"""python -m solutions.bench [--vs torch | --cuda] [--threads N] [--tier plain] [--data DIR] [--json]"""

import argparse
import datetime
import importlib.util
import json
import os
import sys
from pathlib import Path

from threadpoolctl import threadpool_limits

from solutions.bench import accuracy, against_numpy, against_torch, on_gpu
from solutions.bench.measure import document
from solutions.fast import simd
from solutions.fast.threads import set_threads
from solutions.networks.tier import set_tier, tier


def arguments(argv):
    parser = argparse.ArgumentParser(prog="python -m solutions.bench", description="Ratios > 1: ours is faster.")
    parser.add_argument("--vs", choices=["numpy", "torch"], default="numpy", help="whom to measure against")
    parser.add_argument("--cuda", action="store_true", help="the kernels on this machine's GPU, against PyTorch's")
    parser.add_argument("--threads", type=int, help="for everybody alike (1 against NumPy, 2 against PyTorch)")
    parser.add_argument("--tier", choices=["plain", "simd"], help="what the networks multiply with (the best there is)")
    parser.add_argument("--data", metavar="DIR", help="also measure accuracy: a folder with MNIST's t10k-*.gz")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout and nothing else")
    chosen = parser.parse_args(argv)
    if chosen.threads is None:
        chosen.threads = 2 if chosen.vs == "torch" else 1
    if not 1 <= chosen.threads <= (os.cpu_count() or 1):
        parser.error(f"--threads {chosen.threads}: this machine has 1 to {os.cpu_count()}")
    if chosen.data and not list(Path(chosen.data).glob(f"*{accuracy.IMAGES}")):
        parser.error(f"--data {chosen.data}: no file there ends in {accuracy.IMAGES}")
    if chosen.tier == "simd" and not simd.BYTES:
        parser.error("--tier simd: this processor is not one of those it knows")
    if (chosen.vs == "torch" or chosen.cuda) and not importlib.util.find_spec("torch"):
        parser.error(f"{'--cuda' if chosen.cuda else '--vs torch'}: PyTorch is not installed")
    if chosen.cuda and (missing := on_gpu.missing()):
        parser.error(f"--cuda: {missing}")
    return chosen


def main(argv=None):
    """Measure, print, and exit with 1 where a goal was missed."""
    chosen, more = arguments(argv), {}
    if chosen.tier:
        set_tier(chosen.tier)
    set_threads(chosen.threads)
    with threadpool_limits(chosen.threads):
        if chosen.cuda:
            rows, more = list(on_gpu.rows("cuda")), {"gpu": on_gpu.card(), "date": str(datetime.date.today())}
        else:
            rows = against_torch.rows(chosen.threads) if chosen.vs == "torch" else against_numpy.rows()
        if chosen.data:
            rows += [accuracy.digits_mlp_row(), accuracy.digits_cnn_row(), accuracy.mnist_row(chosen.data)]
    if chosen.json:
        json.dump(document(chosen.threads, tier(), rows, **more), sys.stdout, indent=1)
    else:
        print(*more.values(), *rows, sep="\n")
    return int(not all(row.met for row in rows))


if __name__ == "__main__":
    sys.exit(main())
