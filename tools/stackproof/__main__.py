"""`python -m stackproof` is the command line."""

import sys

from stackproof.cli import main

sys.exit(main())
