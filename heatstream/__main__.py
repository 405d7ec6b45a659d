"""``python -m heatstream``: the command line."""

import sys

from heatstream.cli import main

if __name__ == "__main__":
    sys.exit(main())
