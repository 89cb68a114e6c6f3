#!/usr/bin/env python3
"""imgtool for builds that run it with Python, as Zephyr's do: README.md here.

Everything is left to `bootseal imgtool`: arguments, output, exit status.
BOOTSEAL_PROGRAM names the program when it is not in PATH.
"""
import os
import sys

program = os.environ.get("BOOTSEAL_PROGRAM") or "bootseal"
try:
    os.execvp(program, [program, "imgtool", *sys.argv[1:]])
except OSError as error:
    sys.exit(f"imgtool.py: cannot run {program}: {error.strerror}; put bootseal's "
             "folder into PATH, or its path into BOOTSEAL_PROGRAM")
