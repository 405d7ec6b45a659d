"""Arguments in, exit code out: 0 done, 2 bad arguments or unusable input (one line on standard error), 130 Ctrl-C."""

from __future__ import annotations

import argparse
import math
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from setproctitle import setproctitle

from heatstream import __version__
from heatstream.cli import zones
from heatstream.cli.count import CountOptions, count
from heatstream.cli.numbers import number, positive, size, whole
from heatstream.cli.run import RunOptions, run
from heatstream.core import logs
from heatstream.core.colormaps import find
from heatstream.core.controls import Anchor, Controls, DetectControls, HeatControls, Measure, Place, Shape
from heatstream.core.errors import HeatStreamError
from heatstream.core.heat import half_life_from_decay
from heatstream.core.settings import settings
from heatstream.demo import is_demo
from heatstream.sources import redacted
from heatstream.vision import AUTO, DEMO, ModelSpec

#: The seed document's default: heat is multiplied by this at each frame.
DEFAULT_DECAY_FACTOR = 0.99


class _Parser(argparse.ArgumentParser):
    """Errors are one line on standard error and exit code 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"heatstream: error: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="heatstream", description="Where do people go, and how many cross?", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"heatstream {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser, metavar="COMMAND")
    command = commands.add_parser(
        "run",
        help="process a video as fast as it goes",
        description="Detect, track, count and draw every frame of SOURCE, as fast as the machine can.",
        allow_abbrev=False,
    )
    command.add_argument(
        "source",
        metavar="SOURCE",
        help="a video file, a picture, a folder of pictures, a webcam (0), an rtsp:// or http:// address, or demo://plaza",
    )
    command.add_argument(
        "--model", help="an official name, a file, a folder, auto, motion, or demo (default: auto; for demo:// demo)"
    )
    command.add_argument("--trust", action="store_true", help="load a pickled model from outside the model folder")
    command.add_argument("--device", default="auto", help="auto, cpu, or a CUDA device number (default: auto)")
    command.add_argument("--imgsz", type=whole, help="the model's input size in pixels (default: the model's own)")
    command.add_argument("--tracker", choices=("botsort", "bytetrack"), default="botsort", help="default: botsort")
    command.add_argument(
        "--motion-compensation", action="store_true", help="for a moving camera: compensate its motion when tracking"
    )
    command.add_argument("--conf", type=number, default=0.3, help="confidence threshold 0-1 (default: 0.3)")
    command.add_argument("--iou", type=number, default=0.5, help="IoU threshold 0-1 (default: 0.5)")
    command.add_argument("--classes", nargs="+", metavar="NAME", help="count and show only these (default: all)")
    command.add_argument("--colormap", default="JET", help="one of OpenCV's 22 colormaps (default: JET)")
    command.add_argument("--alpha", type=number, default=0.5, help="strength of the heat 0-1 (default: 0.5)")
    fading = command.add_mutually_exclusive_group()
    fading.add_argument("--half-life", type=positive, metavar="S", help="seconds in which heat fades to a half")
    fading.add_argument("--decay-factor", type=number, metavar="F", help="heat kept per frame (default: 0.99)")
    command.add_argument("--shape", choices=[s.value for s in Shape], default="circle", help="default: circle")
    command.add_argument(
        "--measure", choices=[m.value for m in Measure], default="dwell", help="what heat adds up (default: dwell)"
    )
    command.add_argument(
        "--place", choices=[p.value for p in Place], default="box", help="where in the box a mark is (default: box)"
    )
    command.add_argument(
        "--still", type=positive, default=math.inf, metavar="S", help="what stands still so long leaves no more heat"
    )
    command.add_argument(
        "--output", type=Path, metavar="OUT.mp4", help="write the picture as H.264 video (a single one: OUT.png)"
    )
    command.add_argument("--heatmap", type=Path, metavar="HEAT.png", help="write the final heat as a picture")
    command.add_argument("--max-frames", type=whole, metavar="N", help="stop after N frames")
    command.add_argument(
        "--open-timeout",
        type=positive,
        default=10.0,
        metavar="S",
        help="seconds to wait for the source (default: 10)",
    )
    command.add_argument(
        "--login",
        type=Path,
        metavar="FILE",
        help="a file with user:password for a network camera, off the command line",
    )
    zones.add_arguments(command)
    _add_count(commands)
    return parser


def _add_count(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = commands.add_parser(
        "count",
        help="count stored tracks",
        description="Count the crossings of tracks in a MOT file: frame,id,left,top,width,height,conf[,class] in "
        "each row, frames and ids from 1, pixels, classes by COCO's numbers.",
        allow_abbrev=False,
    )
    command.add_argument("tracks", metavar="TRACKS.csv", type=Path, help="the stored tracks")
    command.add_argument("--size", type=size, required=True, metavar="WxH", help="the size of the video's pictures")
    command.add_argument("--fps", type=positive, required=True, metavar="F", help="the video's frames a second")
    zones.add_arguments(command)


def _options(arguments: argparse.Namespace) -> RunOptions:
    """Turn checked arguments into values; what depends on the source's size and rate is settled once it is open."""
    decay = DEFAULT_DECAY_FACTOR if arguments.decay_factor is None else arguments.decay_factor
    half_life_from_decay(decay, 25.0)  # a bad factor is refused before anything is opened
    return RunOptions(
        source=arguments.source,
        model=ModelSpec(
            model=_model(arguments.model, arguments.source),
            device=arguments.device,
            imgsz=arguments.imgsz,
            tracker=arguments.tracker,
        ),
        trust=arguments.trust,
        motion_compensation=arguments.motion_compensation,
        controls=Controls(
            heat=HeatControls(
                colormap=find(arguments.colormap),
                alpha=arguments.alpha,
                shape=Shape(arguments.shape),
                measure=Measure(arguments.measure),
                place=Place(arguments.place),
                still_s=arguments.still,
            ),
            detect=DetectControls(
                confidence=arguments.conf,
                iou=arguments.iou,
                classes=tuple(arguments.classes) if arguments.classes else None,
            ),
            anchor=Anchor(arguments.anchor),
            counting=zones.counting(arguments),
        ),
        half_life_s=arguments.half_life,
        decay_factor=decay,
        lines=tuple(arguments.line),
        polygons=tuple(arguments.polygon),
        output=arguments.output,
        events=arguments.events,
        heatmap=arguments.heatmap,
        max_frames=arguments.max_frames,
        open_timeout_s=arguments.open_timeout,
        login=arguments.login,
        json=arguments.json,
    )


def _count_options(arguments: argparse.Namespace) -> CountOptions:
    return CountOptions(
        tracks=arguments.tracks,
        size_wh=arguments.size,
        rate_hz=arguments.fps,
        lines=tuple(arguments.line),
        polygons=tuple(arguments.polygon),
        anchor=Anchor(arguments.anchor),
        counting=zones.counting(arguments),
        events=arguments.events,
        json=arguments.json,
    )


def _model(asked: str | None, source: str) -> str:
    if asked is not None:
        return asked
    return DEMO if is_demo(source) else AUTO


def _terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line with ``arguments`` (default: the process's own) and return its exit code.

    It takes SIGTERM over for the rest of the process, and SIGINT once files are being finished.
    """
    parsed = _parser().parse_args(arguments)
    try:
        signal.signal(signal.SIGTERM, _terminated)
        if parsed.command == "run" and redacted(parsed.source) != parsed.source:
            setproctitle(f"heatstream run {redacted(parsed.source)}")  # lists of processes must not show a password
        logs.configure(settings().log_level)
        return count(_count_options(parsed)) if parsed.command == "count" else run(_options(parsed))
    except HeatStreamError as error:
        sys.stderr.write(f"heatstream: error: {' '.join(str(error).split())}\n")
        return 2
    except OSError as error:  # a name that no file can have, a folder that may not be read
        named = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"heatstream: error: {named}{error.strerror or error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("heatstream: interrupted before the first frame\n")
        return 130
