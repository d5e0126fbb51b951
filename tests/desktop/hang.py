# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that hang, for as long as a block lasts."""
import contextlib
import ctypes
import os
import signal

_PTRACE_DETACH, _PTRACE_SEIZE, _PTRACE_INTERRUPT = 17, 0x4206, 0x4207
_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def _ptrace(request, pid):
    if _libc.ptrace(request, pid, None, None) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


@contextlib.contextmanager
def all_threads(pid):
    """As a program that is stopped: nothing of it answers."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def main_thread(pid):
    """As a program whose main loop waits for something: its other threads go on, GDBus's own among them."""
    _ptrace(_PTRACE_SEIZE, pid)
    try:
        _ptrace(_PTRACE_INTERRUPT, pid)
        os.waitpid(pid, 0x40000000)  # __WALL: a thread of somebody else's child
        yield
    finally:
        _ptrace(_PTRACE_DETACH, pid)
