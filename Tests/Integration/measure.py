"""Runs a command and writes what it used to a file: `measure.py OUT COMMAND…`.

A process of its own and a small one, because a child's peak on record is never less than that of the process it was forked from.
"""

import json
import os
import sys


def main():
    child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
    _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    with open(sys.argv[1], "w") as out:
        json.dump({"code": code, "user": usage.ru_utime, "system": usage.ru_stime, "peak_kib": usage.ru_maxrss}, out)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
