"""Trains the demo's detector from scratch: ``python -m heatstream.tools.train_demo``; ``--check`` measures it."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from heatstream.core.controls import Controls, DetectControls
from heatstream.core.errors import ControlsError, HeatStreamError
from heatstream.tools.check_demo import BOX_SPANS, COUNT_SPANS, Report, check_boxes, check_counts
from heatstream.tools.demo_card import Training, card, short_of, summary
from heatstream.tools.demo_frames import draw_examples
from heatstream.tools.demo_network import Course, export, learn
from heatstream.vision import ModelSpec

OUT = Path(__file__).resolve().parents[2] / "assets" / "demo_openvino_model"


@dataclass(frozen=True, slots=True)
class Order:
    """What to train: from ``pictures`` learnt ``epochs`` times, all chance from ``seed``, written to ``out``."""

    out: Path
    pictures: int
    epochs: int
    seed: int


class _Parser(argparse.ArgumentParser):
    """Errors are one line on standard error and exit code 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"train_demo: error: {message}\n")


def _at_least(least: int, text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None
    if value < least:
        raise argparse.ArgumentTypeError(f"{text} must be at least {least}")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m heatstream.tools.train_demo",
        description="Draw pictures of the demo scene, train its detector from scratch, measure it, write it to OUT. "
        "Takes about half an hour on two processor cores, and no network.",
        allow_abbrev=False,
    )
    parser.add_argument("--out", type=Path, default=OUT, help=f"a folder ending in _openvino_model (default: {OUT})")
    parser.add_argument(
        "--pictures", type=lambda text: _at_least(16, text), default=2200, help="pictures to draw (default: 2200)"
    )
    parser.add_argument(
        "--epochs", type=lambda text: _at_least(1, text), default=12, help="how often each is learnt (default: 12)"
    )
    parser.add_argument("--seed", type=lambda text: _at_least(0, text), default=0, help="default: 0")
    parser.add_argument("--check", action="store_true", help="only measure what lies in OUT; exit code 1 if it is poor")
    return parser


def check(out: Path) -> Report:
    """Measure the model in ``out`` on scenes that were never learnt from, as a new camera would run it.

    Raises:
        ModelError: there is none that can be loaded.
    """
    spec = ModelSpec(str(out), device="cpu")
    boxes = check_boxes(spec, BOX_SPANS, DetectControls())
    return Report(boxes, check_counts(spec, COUNT_SPANS, Controls()))


def train(order: Order) -> Report:
    """Draw, learn, export to ``order.out`` and measure; writes the model's card, too.

    Raises:
        ControlsError: ``order.out`` is no place for a model.
        OutputError: it cannot be written.
    """
    if not order.out.name.endswith("_openvino_model") or not order.out.resolve().parent.is_dir():
        raise ControlsError(f"{order.out} must end in _openvino_model, and lie in a folder that exists")
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="train-demo-") as scratch:
        examples = draw_examples(order.seed, order.pictures)
        model = learn(examples, Course(epochs=order.epochs, seed=order.seed))
        minutes = (time.monotonic() - begun_s) / 60
        export(model, order.out, scratch=Path(scratch))
    report = check(order.out)
    parameters = sum(values.numel() for values in model.parameters())
    training = Training(order.pictures, order.epochs, order.seed, parameters, minutes)
    (order.out / "MODEL_CARD.md").write_text(card(training, report), "utf-8")
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run with ``arguments`` (default: the process's own); 0 good, 1 not good enough, 2 an error, 130 Ctrl-C."""
    parsed = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING)
    try:
        order = Order(parsed.out, parsed.pictures, parsed.epochs, parsed.seed)
        report = check(order.out) if parsed.check else train(order)
    except HeatStreamError as error:
        sys.stderr.write(f"train_demo: error: {' '.join(str(error).split())}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\ntrain_demo: interrupted\n")
        return 130
    sys.stdout.write(summary(report) + "\n")
    lacking = short_of(report)
    sys.stdout.writelines(f"not good enough: {reason}\n" for reason in lacking)
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
