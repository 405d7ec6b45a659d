"""The demo's detector as a network: its layers, learning from examples, and export for the CPU."""

from __future__ import annotations

import math
import shutil
import warnings
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from tqdm import tqdm

from heatstream.core.errors import OutputError
from heatstream.demo import CLASS_NAMES
from heatstream.tools.demo_frames import INPUT_HW, Example, lessons
from heatstream.vision import library

#: YOLOv8 an eighth as wide as published (Ultralytics' n is a quarter) and never wider than 64 channels, with 8
#: instead of 16 bins for a box's edge, which halves the cost of the head: 7 steps of 8, 16 and 32 px reach as far as
#: the scene's objects do. 0.47 M parameters.
LAYERS: Final[dict[str, Any]] = {
    "nc": len(CLASS_NAMES),
    "reg_max": 8,
    "depth_multiple": 0.33,
    "width_multiple": 0.125,
    "backbone": [
        [-1, 1, "Conv", [64, 3, 2]],
        [-1, 1, "Conv", [128, 3, 2]],
        [-1, 3, "C2f", [128, True]],
        [-1, 1, "Conv", [256, 3, 2]],
        [-1, 6, "C2f", [256, True]],
        [-1, 1, "Conv", [512, 3, 2]],
        [-1, 6, "C2f", [512, True]],
        [-1, 1, "Conv", [512, 3, 2]],
        [-1, 3, "C2f", [512, True]],
        [-1, 1, "SPPF", [512, 5]],
    ],
    "head": [
        [-1, 1, "nn.Upsample", [None, 2, "nearest"]],
        [[-1, 6], 1, "Concat", [1]],
        [-1, 3, "C2f", [512]],
        [-1, 1, "nn.Upsample", [None, 2, "nearest"]],
        [[-1, 4], 1, "Concat", [1]],
        [-1, 3, "C2f", [256]],
        [-1, 1, "Conv", [256, 3, 2]],
        [[-1, 12], 1, "Concat", [1]],
        [-1, 3, "C2f", [512]],
        [-1, 1, "Conv", [512, 3, 2]],
        [[-1, 9], 1, "Concat", [1]],
        [-1, 3, "C2f", [512]],
        [[15, 18, 21], 1, "Detect", ["nc"]],
    ],
}


#: How much each class counts in learning what is where: there are forty people for every car.
_WEIGHTS: Final = (1.0, 3.0, 3.0)

#: Added to each class's logit at the end. What is learnt from boxes is cautious: at the default threshold of 0.3
#: people's precision is 0.99 and their recall 0.945; this moves them to 0.97 and 0.955, and the counts come right.
_SURER: Final = (0.9, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Course:
    """How to learn: each picture ``epochs`` times, ``batch`` at a time; ``rate`` is AdamW's highest learning rate."""

    epochs: int = 10
    batch: int = 6
    rate: float = 0.005
    decay: float = 5e-4
    seed: int = 0


def learn(examples: list[Example], course: Course) -> Any:
    """A network that has learnt ``examples``, averaged over the last steps; a progress bar shows on standard error.

    Its confidence is shifted so that precision and recall come near each other at a camera's default threshold.

    AdamW with a rate that rises, then falls as a cosine (Loshchilov and Hutter, arXiv 1711.05101 and 1608.03983).
    """
    library.prepare()
    import torch  # noqa: PLC0415 - slow
    from ultralytics.cfg import get_cfg  # noqa: PLC0415
    from ultralytics.nn.tasks import DetectionModel  # noqa: PLC0415
    from ultralytics.utils.torch_utils import ModelEMA  # noqa: PLC0415

    torch.manual_seed(course.seed)
    torch.set_num_threads(library.torch_threads())
    model = DetectionModel(deepcopy(LAYERS), verbose=False)
    model.args = get_cfg()
    model.names = dict(CLASS_NAMES)
    model.class_weights = torch.tensor(_WEIGHTS)
    model.train()
    weights = [value for value in model.parameters() if value.ndim > 1 and value.requires_grad]
    others = [value for value in model.parameters() if value.ndim <= 1 and value.requires_grad]
    groups = [{"params": weights, "weight_decay": course.decay}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=course.rate, betas=(0.9, 0.99))
    lesson = lessons(examples, course.epochs, course.seed)
    steps = max(len(examples) * course.epochs // course.batch, 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _rates(steps))
    average = ModelEMA(model, decay=0.998, tau=steps / 10)
    with tqdm(total=steps * course.batch, unit="picture", desc="learning", smoothing=0.05) as bar:
        for _ in range(steps):
            parts, _ = model.loss(_batch(list(islice(lesson, course.batch))))
            loss = parts.sum() / course.batch
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
            optimizer.step()
            schedule.step()
            average.update(model)
            bar.set_postfix(loss=f"{loss.item():.2f}", refresh=False)
            bar.update(course.batch)
    with torch.no_grad():
        for branch in average.ema.model[-1].cv3:
            branch[-1].bias += torch.tensor(_SURER)
    return average.ema


def _rates(steps: int) -> Callable[[int], float]:
    """The learning rate's share of its highest at each step."""
    rising = max(min(steps // 20, 200), 1)

    def share(step: int) -> float:
        if step < rising:
            return (step + 1) / rising
        return 0.005 + 0.995 * (1 + math.cos(math.pi * (step - rising) / max(steps - rising, 1))) / 2

    return share


def _batch(examples: list[Example]) -> dict[str, Any]:
    """Examples as Ultralytics' loss takes them: pictures RGB 0-1, boxes middle and size as shares of the picture."""
    import torch  # noqa: PLC0415 - slow

    pictures = np.stack([example.image[..., ::-1].transpose(2, 0, 1) for example in examples])
    boxes = np.concatenate([example.xyxy for example in examples]) / np.tile(INPUT_HW[::-1], 2)
    whose = np.repeat(np.arange(len(examples)), [len(example.xyxy) for example in examples])
    middle, size = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    return {
        "img": torch.from_numpy(pictures).float() / 255,
        "cls": torch.from_numpy(np.concatenate([example.class_id for example in examples])).float()[:, None],
        "bboxes": torch.from_numpy(np.concatenate((middle, size), axis=1)).float(),
        "batch_idx": torch.from_numpy(whose),
    }


def export(model: Any, folder: Path, *, scratch: Path) -> None:
    """Write ``model`` as OpenVINO into ``folder`` with half-precision weights; what was there is replaced at the end.

    Raises:
        OutputError: ``folder`` cannot be written.
    """
    from ultralytics import YOLO  # noqa: PLC0415 - slow
    from ultralytics.utils import YAML  # noqa: PLC0415

    layers = scratch / "demo.yaml"
    YAML.save(layers, LAYERS)
    whole = YOLO(str(layers), task="detect", verbose=False)
    whole.model.load_state_dict(model.state_dict())
    whole.model.names = dict(CLASS_NAMES)
    whole.model.pt_path = str(scratch / "demo.pt")  # it names where the export goes; no such file is written
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # torch.jit, which the library still uses
        made = Path(library.apart(lambda: whole.export(format="openvino", imgsz=list(INPUT_HW), quantize=16)))
    _clean(made / "metadata.yaml")
    try:
        new = folder.with_name(f".{folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(made, new)
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror}; name a folder that can be made") from error


def _clean(path: Path) -> None:
    """Take out of a model's metadata what tells of the machine and the day."""
    from ultralytics.utils import YAML  # noqa: PLC0415 - slow

    data = YAML.load(path)
    data["description"] = "HeatStream's demo detector"
    data["author"] = "HeatStream, trained with Ultralytics"
    for name in ("date", "docs"):
        data.pop(name, None)
    YAML.save(path, data)
