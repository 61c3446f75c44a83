"""`python -m mira_cli`, for when another program on PATH is called mira."""

import os
import sys

# Python searches the working folder first; a folder named httpx there must not shadow the library.
try:
    _working_folder = os.getcwd()
except FileNotFoundError:  # it was removed
    _working_folder = ""
if sys.path and sys.path[0] in {"", _working_folder}:
    del sys.path[0]

from mira_cli.app import main

if __name__ == "__main__":
    main()
