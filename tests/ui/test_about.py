"""The offer of source code and licence."""

from __future__ import annotations

import io
import zipfile

from streamlit.testing.v1 import AppTest

from heatstream.ui import about


def test_the_footer_opens_the_offer() -> None:
    test = AppTest.from_string("from heatstream.ui import about\nabout.footer()").run()
    (button,) = test.button
    button.click().run()
    assert not test.exception
    assert "Affero" in test.markdown[0].value


def test_the_archive_holds_the_program_and_nothing_private() -> None:
    names = zipfile.ZipFile(io.BytesIO(about.source_archive())).namelist()
    assert {"heatstream/app.py", "heatstream/heatstream/ui/about.py", "heatstream/LICENSE"} <= set(names)
    assert len(names) == len(set(names))
    folders = {name.split("/")[1] for name in names}
    assert not folders & {"data", "media", "models", ".venv", ".git"}
    assert not [name for name in names if "__pycache__" in name or name.endswith("secrets.toml")]
