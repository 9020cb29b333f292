# SPDX-License-Identifier: Apache-2.0
"""The compressors that bench/compare knows: how each packs one file, and unpacks it."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from measure import run


@dataclass
class Program:
    """A compressor at one setting.

    pack(source, packed) and unpack(packed, restored) take paths and return a measure.Run. `packed` does not exist
    when pack is called; its size is the result. `group` names the program without its setting.
    """

    name: str
    group: str
    pack: Callable
    unpack: Callable


def filter_program(name, group, pack_command, unpack_command):
    """A program that reads standard input and writes standard output."""
    return Program(name, group,
                   lambda source, packed: run(pack_command, stdin=source, stdout=packed),
                   lambda packed, restored: run(unpack_command, stdin=packed, stdout=restored))


def file_program(name, group, pack_command, unpack_command):
    """A program that takes two paths: {0} and {1} in the commands stand for input and output."""
    def fill(command, source, target):
        return [part.format(source, target) for part in command]

    return Program(name, group,
                   lambda source, packed: run(fill(pack_command, source, packed)),
                   lambda packed, restored: run(fill(unpack_command, packed, restored)))


def zpaq(method):
    """zpaq keeps the path it was given and writes beside it, unless told the path and another for it."""
    stored = {}

    def pack(source, packed):
        stored[packed] = source
        return run(["zpaq", "a", f"{packed}.zpaq", source, f"-m{method}", "-t1"])

    def unpack(packed, restored):
        return run(["zpaq", "x", f"{packed}.zpaq", stored[packed], "-to", restored, "-force", "-t1"])

    return Program(f"zpaq -m{method}", "zpaq", pack, unpack)


def paq8px(setting):
    """paq8px takes its own suffix and refuses existing outputs."""
    return Program(f"paq8px {setting}", "paq8px",
                   lambda source, packed: run(["paq8px", setting, source, packed]),
                   lambda packed, restored: run(["paq8px", "-d", packed, restored]))


def cmix(dictionary):
    """cmix, with its English dictionary if a path is given."""
    words = [dictionary] if dictionary else []
    return Program("cmix" + (" + dictionary" if dictionary else ""), "cmix",
                   lambda source, packed: run(["cmix", "-c", *words, source, packed]),
                   lambda packed, restored: run(["cmix", "-d", *words, packed, restored]))


def packed_file(program, packed):
    """Where the packed bytes are: two programs insist on their suffix."""
    suffix = {"zpaq": ".zpaq", "7z": ".7z"}.get(program.group, "")
    return Path(f"{packed}{suffix}")


def ssmz(path, level, threads):
    """Our own program at a level."""
    return filter_program(f"ssmz -{level}", "ssmz",
                          [path, f"-{level}", "-q", "-c", f"-T{threads}"], [path, "-d", "-q", "-c", f"-T{threads}"])


def peers(cmix_dictionary=None):
    """All peers known, as (executable, Program)."""
    found = []
    for level in ("-3", "-19"):
        found.append(("zstd", filter_program(f"zstd {level}", "zstd", ["zstd", level, "-q", "-c"],
                                             ["zstd", "-dqc"])))
    found.append(("zstd", filter_program("zstd --ultra -22", "zstd", ["zstd", "--ultra", "-22", "-q", "-c"],
                                         ["zstd", "-dqc", "--long=31"])))
    found.append(("xz", filter_program("xz -9e", "xz", ["xz", "-9e", "-T1", "-c"], ["xz", "-dc"])))
    found.append(("brotli", filter_program("brotli -q 11", "brotli", ["brotli", "-q", "11", "-w", "24", "-c"],
                                           ["brotli", "-dc"])))
    found.append(("bzip2", filter_program("bzip2 -9", "bzip2", ["bzip2", "-9", "-c"], ["bzip2", "-dc"])))
    found.append(("7z", file_program(
        "7z PPMd o16", "7z",
        ["7z", "a", "-t7z", "-m0=PPMd:o=16:mem=512m", "-bd", "-y", "{1}.7z", "{0}"],
        ["sh", "-c", "7z x -so '{0}.7z' > '{1}'"])))
    found.append(("zpaq", zpaq(5)))
    found.append(("bsc", file_program("bsc -e2", "bsc", ["bsc", "e", "{0}", "{1}", "-e2"], ["bsc", "d", "{0}", "{1}"])))
    for setting in ("-9", "-9L"):
        found.append(("paq8px", paq8px(setting)))
    found.append(("cmix", cmix(cmix_dictionary)))
    return [(executable, program) for executable, program in found if shutil.which(executable)]
