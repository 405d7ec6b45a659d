"""The seed document's library: ``from heatstream import solutions`` and its examples run as they stand.

``solutions.Heatmap`` takes the arguments of the document's table and ``generate_heatmap(im0, tracks)`` its frames. It
counts and gathers heat by HeatStream's rules, or by the old ones with ``fidelity="seed"``. Needs only OpenCV, NumPy and
Shapely: Ultralytics' results are read as they come.
"""

from heatstream.solutions.arguments import Fidelity
from heatstream.solutions.heatmap import Heatmap

__all__ = ["Fidelity", "Heatmap"]
