"""A service manager's socket: prints each datagram that it gets as a line of JSON.

    notify_socket.py PATH

Prints "ready" once it listens; ends when standard input ends.
"""
import json
import select
import socket
import sys

listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listening.bind(sys.argv[1])
print('ready', flush=True)
while True:
    readable, _, _ = select.select([listening, sys.stdin], [], [])
    if sys.stdin in readable:
        break
    print(json.dumps(listening.recv(4096).decode()), flush=True)
