"""The rules of the seed document's ``Heatmap`` with a counting line, restated as a peer for benchmarks.

Per call: decay the full-frame float32 heat, add 2 in the inscribed circle of each tracked box, count a track once when
its centre comes closer to the line than 15 px, normalise to 0-255, colour, and blend half and half.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from heatstream.core.types import ImageArray


class SeedHeatmap:
    """State and steps of the old class with its default arguments and one line of two points in pixels."""

    def __init__(self, line: tuple[tuple[int, int], tuple[int, int]]) -> None:
        self.in_counts = self.out_counts = 0
        self._line = np.array(line, np.float64)
        self._heat: npt.NDArray[np.float32] | None = None
        self._paths: dict[int, list[tuple[float, float]]] = {}
        self._counted: list[int] = []

    def generate(self, image: ImageArray, boxes: npt.NDArray[np.float32], ids: npt.NDArray[np.int64]) -> ImageArray:
        """One frame: ``boxes`` (N, 4) xyxy px with ``ids`` (N,)."""
        height, width = image.shape[:2]
        if self._heat is None:
            self._heat = np.zeros((height, width), np.float32)
        self._heat *= 0.99
        cv2.line(image, self._line[0].astype(int), self._line[1].astype(int), (255, 0, 255), 5)
        for box, track_id in zip(boxes, ids, strict=True):
            self._stamp(np.maximum(box, 0))
            self._count(box, int(track_id))
        text = f"In Count: {self.in_counts} Out Count: {self.out_counts}"
        cv2.putText(image, text, (width - 400, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 0, 0), 2)
        scaled = cv2.normalize(self._heat, np.empty(0), 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
        return np.asarray(cv2.addWeighted(image, 0.5, cv2.applyColorMap(scaled, cv2.COLORMAP_JET), 0.5, 0), np.uint8)

    @property
    def heat(self) -> npt.NDArray[np.float32]:
        """The heat (H, W), once there was a frame."""
        assert self._heat is not None
        return self._heat

    def _stamp(self, box: npt.NDArray[np.float32]) -> None:
        assert self._heat is not None
        x1, y1, x2, y2 = (int(value) for value in box)
        centre = int((box[0] + box[2]) // 2), int((box[1] + box[3]) // 2)
        radius = min(x2 - x1, y2 - y1) // 2
        ys, xs = np.ogrid[0 : self._heat.shape[0], 0 : self._heat.shape[1]]
        mask = (xs - centre[0]) ** 2 + (ys - centre[1]) ** 2 <= radius**2
        self._heat[y1:y2, x1:x2] += 2 * mask[y1:y2, x1:x2]

    def _count(self, box: npt.NDArray[np.float32], track_id: int) -> None:
        centre = (float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2)
        path = self._paths.setdefault(track_id, [])
        path.append(centre)
        del path[:-30]
        if len(path) < 2 or track_id in self._counted:
            return
        start, along = self._line[0], self._line[1] - self._line[0]
        share = np.clip(np.dot(np.array(centre) - start, along) / np.dot(along, along), 0, 1)
        if np.hypot(*(np.array(centre) - start - share * along)) < 15:
            self._counted.append(track_id)
            previous_x = path[-2][0]
            if (float(box[0]) - previous_x) * (float(self._line[:, 0].mean()) - previous_x) > 0:
                self.in_counts += 1
            else:
                self.out_counts += 1
