"""What the demo shows, exactly: boxes, identities and how much of each object can be seen."""

from __future__ import annotations

from dataclasses import dataclass

from heatstream.core.types import FloatArray, IntArray, Tracks

#: Class ids as in COCO.
PERSON, BICYCLE, CAR = 0, 1, 2
CLASS_NAMES = {PERSON: "person", BICYCLE: "bicycle", CAR: "car"}


@dataclass(frozen=True, slots=True)
class Truth:
    """The objects of one frame, far ones first.

    ``xyxy`` (N, 4) float32 px is the whole object's box, clipped to the frame, whatever hides it; ``track_id`` (N,)
    int64 stays with an object while it is there; ``class_id`` (N,) int64; ``visible`` (N,) float32 is the share of
    the object's pixels that can be seen, 0-1 (things before it and the frame's edge hide the rest).
    """

    xyxy: FloatArray
    track_id: IntArray
    class_id: IntArray
    visible: FloatArray

    def __len__(self) -> int:
        return len(self.xyxy)

    def tracks(self) -> Tracks:
        """The same objects as a perfect tracker would report them."""
        return Tracks(self.xyxy, self.track_id, self.visible, self.class_id)
