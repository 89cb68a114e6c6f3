"""Runs imgtool's command lines without starting Python for each.

Usage: python3 reference.py .../scripts/imgtool.py

A line of standard input holds the words behind "imgtool" in hexadecimal, each
with a blank before it. Each command line runs in a process of its own, forked
when imgtool has been imported, and is answered by a line: exit status, standard
output and standard error, the latter two in hexadecimal with an "x" in front.
Needs POSIX.
"""
import gc
import os
import sys
import tempfile
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(sys.argv[1])))
# pylint: disable=wrong-import-position
from imgtool import main  # noqa: E402


def run(words):
    """Ends this process with imgtool's exit status."""
    status = 0
    try:
        main.imgtool(words, prog_name="imgtool")
    except SystemExit as end:
        if isinstance(end.code, int):
            status = end.code
        elif end.code:
            status = 1
    except BaseException:  # pylint: disable=broad-except
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def answer(words):
    """Exit status, standard output and standard error of one command line."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            run(words)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return f"{status} x{out.read().hex()} x{err.read().hex()}"


gc.freeze()  # or every child copies what it only looks at
for line in sys.stdin:
    fields = line.rstrip("\n").split(" ")[1:]
    print(answer([os.fsdecode(bytes.fromhex(field)) for field in fields]),
          flush=True)
