"""Cuts the power of the ext4 file system at the given path: its journal stops where it is, what is
in memory alone is never written, and every later access fails (EXT4_IOC_SHUTDOWN)."""
import fcntl
import os
import struct
import sys

SHUTDOWN = 0x8004587D
WITHOUT_FLUSHING_THE_LOG = 2

folder = os.open(sys.argv[1], os.O_RDONLY)
fcntl.ioctl(folder, SHUTDOWN, struct.pack("I", WITHOUT_FLUSHING_THE_LOG))
