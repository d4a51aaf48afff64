"""Runs a command in its own terminal, and closes the terminal when standard input ends.

    terminal.py [--nohup] COMMAND...

Prints "pid N", the command's output, and how it ended: "ended exit 0" or "ended signal 1".
With --nohup the command ignores SIGHUP from its start, as under nohup(1). SIGTERM kills the command.
"""
import os
import pty
import select
import signal
import sys

arguments = sys.argv[1:]
nohup = arguments[0] == '--nohup'
command = arguments[1:] if nohup else arguments

pid, master = pty.fork()
if pid == 0:
    if nohup:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.execvp(command[0], command)



def kill(*_):
    os.kill(pid, signal.SIGKILL)
    sys.exit(1)


signal.signal(signal.SIGTERM, kill)
print('pid', pid, flush=True)
while True:
    ready, _, _ = select.select([master, sys.stdin], [], [])
    if master in ready:
        try:
            sys.stdout.write(os.read(master, 4096).decode(errors='replace').replace('\r\n', '\n'))
            sys.stdout.flush()
        except OSError:  # the command has ended
            break
    if sys.stdin in ready:
        break
os.close(master)
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print('ended', f'exit {status}' if status >= 0 else f'signal {-status}', flush=True)
