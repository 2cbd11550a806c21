"""`rag web` with a catalogue of a test's own: the first argument is its file. All else is the real command."""

from __future__ import annotations

import sys
from pathlib import Path

import index.catalogue
from ui.cli import main

if __name__ == "__main__":
    index.catalogue.CATALOGUE = Path(sys.argv.pop(1))
    main()
