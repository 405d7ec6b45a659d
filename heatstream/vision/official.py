"""Which names Ultralytics offers detectors under, known without importing it: that takes seconds.

From its list of downloads (ultralytics 8.4.190, ``utils/downloads.py``), without what finds no boxes.
"""

from __future__ import annotations

import re

_DETECTOR = re.compile(
    r"yolov8[nsmlx](-seg|-pose|-obb|-oiv7)?"
    r"|yolov8x-pose-p6|yolov8[smlx]-world(v2)?"
    r"|(yolo11|yolo26)[nsmlx](-seg|-pose|-obb)?"
    r"|yolo12[nsmlx]"
    r"|yolov10[nsmblx]"
    r"|yolov9([tsm]|[ce](-seg)?)"
    r"|yolov5[nsmlx]6?u"
    r"|yolov3(-spp|-tiny)?u"
    r"|rtdetr-[lx]"
    r"|yoloe-(v8|11)[sml]-seg(-pf)?|yoloe-26[nsmlx]-seg(-pf)?"
)


def is_official_name(name: str) -> bool:
    """Whether ``name`` (``yolov8n`` or ``yolov8n.pt``) is a detector that Ultralytics offers for download."""
    return _DETECTOR.fullmatch(name.removesuffix(".pt")) is not None
