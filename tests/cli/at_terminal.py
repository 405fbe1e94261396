"""``meot`` of a process whose terminal is the first argument, as a script has it that was started at one."""

from __future__ import annotations

import os
import sys

from meot.cli import main

if __name__ == "__main__":
    os.close(os.open(sys.argv.pop(1), os.O_RDWR))  # the first terminal that a session opens is its own
    main()
