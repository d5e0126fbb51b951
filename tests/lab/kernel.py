# SPDX-License-Identifier: GPL-2.0-or-later
"""The few system calls that Python 3.11 does not wrap: namespaces, mounts, the parent's death.

Used by `enter` before any site package is loaded, so standard library only.
"""
import contextlib
import ctypes
import os
import socket

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}[os.uname().machine]


def _checked(result, what):
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags):
    _checked(_libc.unshare(flags), "unshare")


def setns(descriptor, kind):
    _checked(_libc.setns(descriptor, kind), "setns")


def mount(source, target, kind=None, flags=0, options=None):
    def text(value):
        return None if value is None else str(value).encode()
    _checked(_libc.mount(text(source), text(target), text(kind), ctypes.c_ulong(flags),
                         text(options)), f"mount {target}")


def detach(target):
    _checked(_libc.umount2(str(target).encode(), MNT_DETACH), f"umount {target}")


def enter_root(new_root):
    """Makes new_root the root of this mount namespace and drops the old one."""
    os.chdir(new_root)
    _checked(_libc.syscall(_SYS_PIVOT_ROOT, b".", b"."), "pivot_root")
    detach(".")
    os.chdir("/")


def die_with_parent(signal_number):
    _checked(_libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0), "prctl")


@contextlib.contextmanager
def network_of(pid):
    """This thread is in the network namespace of pid for the body: a socket opened there stays there.

    Cheaper than a process per packet or question, and the reason why the probes of a suite cost
    nothing that could distort what they measure.
    """
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        theirs = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            setns(theirs, CLONE_NEWNET)
        finally:
            os.close(theirs)
        try:
            yield
        finally:
            setns(own, CLONE_NEWNET)
    finally:
        os.close(own)


def loopback_up():
    """What `ip link set lo up` does, without a process: SIOCSIFFLAGS with IFF_UP."""
    import fcntl
    import struct
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        fcntl.ioctl(probe, 0x8914, struct.pack("16sh14x", b"lo", 0x1))
