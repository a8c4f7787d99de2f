"""What the tests are told from outside, and where things lie."""

import os
import pathlib

#: The package's folder, and its build folder: downloads, generated rows and logs go there, never into the tree.
ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build"
CACHE = BUILD / "integration"

#: The program under test.
SALTMILL = os.environ.get("SALTMILL") or str(BUILD / "release" / "saltmill")

#: FULL=1 runs every bar at its full length; otherwise lengths fit a continuous integration run.
FULL = os.environ.get("FULL", "") not in ("", "0")

#: Every random choice of the tests comes from this number; it is printed when the tests start.
SEED = int(os.environ.get("SEED", "20131109"))


def choose(short, full):
    """The value for an ordinary run, or the one for FULL=1."""
    return full if FULL else short


def number(name, short, full):
    """A number from the environment, else as ``choose``."""
    return type(full)(os.environ.get(name, choose(short, full)))
