"""Pictures of the demo scene with their boxes, by seed: what the demo's detector learns from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from tqdm import tqdm

from heatstream.core.types import FloatArray, ImageArray, IntArray
from heatstream.demo import PlazaScene

#: What the network sees, (height, width) px: the scene's 16:9 with nothing around it, both sides multiples of 32.
INPUT_HW: Final = (288, 512)
#: Boxes to learn: at least this much of the object is seen, and the box is at least this high, px of the scene.
LEAST_VISIBLE: Final = 0.3
LEAST_HEIGHT_PX: Final = 10.0
#: Seeds from here on are for learning; all below are never learnt from.
FIRST_SEED: Final = 1_000_000
#: How many people the scenes have, in turn.
CROWDS: Final = (24, 36, 24, 48, 12, 30)
#: Pictures taken of one scene, so many frames apart: near enough that a figure once drawn serves again.
_OF_ONE: Final = 24
_APART: Final = 17


@dataclass(frozen=True, slots=True)
class Example:
    """A picture BGR uint8 (H, W, 3) in the network's size, its boxes ``xyxy`` (N, 4) px and ``class_id`` (N,)."""

    image: ImageArray
    xyxy: FloatArray
    class_id: IntArray


def draw_examples(seed: int, pictures: int) -> list[Example]:
    """So many ``pictures`` of many scenes, large crowds and small; equal seeds give equal ones.

    A progress bar shows on standard error. A thousand take 0.5 GB of memory.
    """
    made: list[Example] = []
    with tqdm(total=pictures, unit="picture", desc="drawing") as bar:
        for number in range(-(-pictures // _OF_ONE)):
            scene = PlazaScene(seed=FIRST_SEED + seed * 10_000 + number, crowd=CROWDS[number % len(CROWDS)])
            for index in range(0, min(_OF_ONE, pictures - len(made)) * _APART, _APART):
                made.append(_example(scene, index))
                bar.update()
    return made


def _example(scene: PlazaScene, index: int) -> Example:
    image, truth = scene.render(index), scene.truth(index)
    keep = (truth.xyxy[:, 3] - truth.xyxy[:, 1] >= LEAST_HEIGHT_PX) & (truth.visible >= LEAST_VISIBLE)
    height, width = INPUT_HW
    fitted = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    scale = np.tile((width / image.shape[1], height / image.shape[0]), 2)
    return Example(fitted, (truth.xyxy[keep] * scale).astype(np.float32), truth.class_id[keep])


def lessons(examples: list[Example], epochs: int, seed: int) -> Iterator[Example]:
    """Every example once in each of ``epochs``, in another order, light and place each time."""
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        for number in rng.permutation(len(examples)).tolist():
            yield varied(examples[number], rng)


def varied(example: Example, rng: np.random.Generator) -> Example:
    """The example in another light, and every third time nearer or further and moved aside."""
    image, boxes = example.image, example.xyxy
    if rng.random() < 1 / 3:
        height, width = image.shape[:2]
        scale = rng.uniform(0.9, 1.12)
        shift = rng.uniform(-0.06, 0.06, 2) * (width, height)
        matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
        image = np.asarray(cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)
        boxes = np.clip(boxes * scale + np.tile(shift, 2), 0, np.tile((width, height), 2)).astype(np.float32)
    inside = (boxes[:, 2:] - boxes[:, :2] >= 3).all(axis=1)
    return Example(_lit(image, rng), boxes[inside], example.class_id[inside])


def _lit(image: ImageArray, rng: np.random.Generator) -> ImageArray:
    """Brightness, contrast and the three colours changed a little, and sometimes noise."""
    gain = rng.uniform(0.75, 1.2) * rng.uniform(0.94, 1.06, 3)
    values = image * gain.astype(np.float32) + np.float32(rng.uniform(-14, 14))
    if rng.random() < 0.25:
        values += rng.normal(0, rng.uniform(1, 5), (*image.shape[:2], 1)).astype(np.float32)
    return np.asarray(np.clip(values, 0, 255), np.uint8)
