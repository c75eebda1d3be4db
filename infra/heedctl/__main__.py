"""`python -m infra.heedctl`, or `.venv/bin/heed`: Heed from the command line."""

import sys

from infra.heedctl.cli import main

sys.exit(main())
