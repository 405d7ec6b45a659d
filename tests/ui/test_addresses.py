"""Addresses for other programs: on the page's own server, for one camera, with its ticket."""

from heatstream.ui.addresses import addresses


def test_addresses_lie_on_the_server_of_the_page() -> None:
    stream, still = addresses("http://192.168.1.5:8501/live?camera=cam-1", "cam-1", "t.1")
    assert stream == "http://192.168.1.5:8501/heatstream/mjpeg/cam-1?ticket=t.1"
    assert still == "http://192.168.1.5:8501/heatstream/snapshot/cam-1.jpg?ticket=t.1"
