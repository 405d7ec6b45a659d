"""File names as text."""

from __future__ import annotations


def is_text(name: str) -> bool:
    """Whether a file's name is text: one whose bytes are no UTF-8 can be neither shown, sent nor stored."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
