"""Run the command line as ``python -m churnlab``."""

from churnlab.cli import main

if __name__ == "__main__":
    main()
