"""Generated rows: ten columns (six strings, three numbers, one boolean), 146 bytes a row with its line end."""

import os
import sys

from settings import CACHE

HEADER = "id,name,email,city,created,note,amount,quantity,score,active\n"
BYTES_PER_ROW = 146
CITIES = ["Bratislava", "Manchester", "Birmingham", "Alexandria", "Gothenburg", "Sacramento", "Casablanca", "Pittsburgh"]
NOTES = ["left at the porch", "call before noon", "paid by transfer", "second attempt"]


def row(index):
    """The row at a position: unique by its first column, and never the same for two positions."""
    mixed = (index * 2_654_435_761 + 12_345) % 4_294_967_296
    active = "true" if mixed % 2 else "false"
    return (
        f"row-{index:012d},user {mixed:010d} of group {mixed % 977:03d},u{mixed:010d}@example.org,{CITIES[mixed % 8]},"
        f"2013-{mixed % 12 + 1:02d}-{mixed % 28 + 1:02d}T{mixed % 24:02d}:{mixed % 60:02d}:00Z,{NOTES[mixed % 4]:.<{24 - len(active)}},"
        f"{100 + mixed % 900}.{mixed % 90 + 10},{mixed % 9000 + 1000},-{mixed % 90 + 10}.5,{active}"
    )


def generate(count):
    """Path of a file of `count` generated rows, made once."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"rows-{count}.csv"
    if not path.exists():
        unfinished = path.with_suffix(f".{os.getpid()}")
        with open(unfinished, "w", encoding="ascii", newline="") as out:
            out.write(HEADER)
            for start in range(0, count, 10_000):
                out.write("".join(row(index) + "\n" for index in range(start, min(start + 10_000, count))))
        os.replace(unfinished, path)
    return path


#: The part of a spec that maps these rows; tests add job, source, target and rate.
KEY = {"hash": {"attribute": "id", "from": "id", "type": "S"}}
ATTRIBUTES = {
    "name": "S", "email": "S", "city": "S", "created": "S", "note": "S",
    "amount": "N", "quantity": "N", "score": "N", "active": "BOOL",
}


if __name__ == "__main__":
    print(generate(int(sys.argv[1])))
