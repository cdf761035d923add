"""`python -m misydsl.cli`: the command line where no `misy` is on the path."""

import sys

from misydsl.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
