"""Work in a forked child: what takes seconds over a state that must not change meanwhile.

The child has the parent's memory as it was at the fork, and nothing else of it: it closes the descriptors
that it inherited, dies with its parent, and leaves by ``os._exit``.
"""

import asyncio
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable

_HIGHEST_DESCRIPTOR = 65_536
_PR_SET_PDEATHSIG = 1
_POLL = 0.05


def fork(name: str, job: Callable[[], object]) -> int:
    """Starts a child that does ``job``, and returns its process id.

    Its status is 0 only if ``job`` returned; else it says what went wrong on standard error, under ``name``.
    """
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        _become_alone(parent)
        job()
        status = 0
    except BaseException as error:
        # Nothing may run on into the parent's code here; what went wrong is told by the words and the status.
        os.write(2, f"{name} failed: {error!r}\n".encode())
    finally:
        os._exit(status)


async def wait_for(child: int) -> int:
    """The child's exit status; negative: the signal that ended it. A child that nobody waits for any more is
    ended."""
    try:
        while True:
            done, status = os.waitpid(child, os.WNOHANG)  # noqa: ASYNC222 - it does not block
            if done:
                return os.waitstatus_to_exitcode(status)
            await asyncio.sleep(_POLL)
    except asyncio.CancelledError:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)  # noqa: ASYNC222 - it was killed
        raise


def _become_alone(parent: int) -> None:
    """The child must not keep its parent's sockets open, nor outlive it, nor copy its memory for nothing:
    the collector would write into all of it."""
    gc.disable()
    os.closerange(3, _HIGHEST_DESCRIPTOR)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
