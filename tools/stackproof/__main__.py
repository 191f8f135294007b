"""`python -m stackproof` is the command line."""

import sys

from stackproof.cli.main import main

sys.exit(main())
