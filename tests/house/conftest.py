"""The generators beside the completion scripts are importable: `generate.tree` has every command as a value."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "completions"))
