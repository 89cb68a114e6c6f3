#!/usr/bin/env python3
"""TF-M's wrapper.py for builds that run it with Python; README.md here.

Everything is left to `bootseal tfm-wrapper`: arguments, output, exit status.
BOOTSEAL_PROGRAM names the program when it is not in PATH.
"""
import os
import sys


def main():
    program = os.environ.get("BOOTSEAL_PROGRAM") or "bootseal"
    try:
        os.execvp(program, [program, "tfm-wrapper", *sys.argv[1:]])
    except OSError as error:
        sys.exit(f"wrapper.py: cannot run {program}: {error.strerror}; put bootseal's "
                 "folder into PATH, or its path into BOOTSEAL_PROGRAM")


if __name__ == "__main__":
    main()
