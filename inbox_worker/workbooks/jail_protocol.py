"""The protocol of a confined child process and its parent; the children import nothing else of ours.

On the pipes that the child is started with, which it takes for itself at once: libraries print to stdout. Little
endian. Start: the byte b'R'. Request: u32 length of a JSON object (`seconds` and the job's own keys), the object, u64
length of the file, the file. Answer: MARK, one byte of VERDICTS, u64 length, payload. The limits on memory, time and
files are taken on before the first byte of a stranger's is read.
"""

from __future__ import annotations

import gc
import json
import math
import os
import resource
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

AUTHOR = "inbox-worker"  # of our comments in such a workbook
BORDER = "\n\n— inbox-worker —\n"  # between the sender's own words in a comment and ours
LIST = "Замечания · Ескертулер"  # the sheet of findings in a workbook that goes back
MARK = b"iw\xa4\x1e"  # begins every answer; anything else on the pipe is nonsense
VERDICTS = b"APLSU"
Answer = Callable[[bytes, dict[str, Any]], tuple[bytes, Any]]


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Return the pipes to the parent, and leave nothing on stdin and stdout: what a library prints goes nowhere."""
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return source, sink


def confine(memory: int) -> None:
    """Takes on the limits: address space above the present one, no core, no large files written."""
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - pathlib costs start-up time
        now = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + memory, now + memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))  # its own last words on stderr


def allow_seconds(seconds: float) -> None:
    """Lets this process use that much more processor time; past it the kernel ends it."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(usage.ru_utime + usage.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def serve(source: BinaryIO, sink: BinaryIO, answer: Answer) -> None:
    """Serve requests until the parent closes the pipe."""
    sink.write(b"R")
    sink.flush()
    while head := source.read(4):
        wanted = json.loads(source.read(struct.unpack("<I", head)[0]))
        allow_seconds(wanted["seconds"])
        data = source.read(struct.unpack("<Q", source.read(8))[0])
        verdict, payload = answer(data, wanted)
        sink.write(MARK + verdict + struct.pack("<Q", len(payload)))
        sink.write(payload)
        sink.flush()
        del data, payload
        gc.collect()


def run(answer: Answer) -> None:
    """Run a child from its start to its end: `python child.py MEMORY`."""
    gc.freeze()
    gc.disable()  # it would go through every cell again and again while a sheet is read; serve() collects
    source, sink = take_pipes()
    confine(int(sys.argv[1]))
    serve(source, sink, answer)
