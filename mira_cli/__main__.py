"""`python -m mira_cli`, for where another program is called mira."""

import sys

# Python puts the working folder first: a folder named httpx there must not be taken for the library.
if sys.path and sys.path[0] in {"", __import__("os").getcwd()}:
    del sys.path[0]

from mira_cli.app import main

if __name__ == "__main__":
    main()
