"""A stock python3-socketio client whose token ends comes back with the next one.

Usage: python_token.py URL TRANSPORT
Asks its parent for a token by the line "token" on stdout and reads it from stdin. Exits with 0 if
all went well.
"""
import os
import sys
import threading
import traceback

import socketio

from python_shapes import EVENTS, check, fields, joined, same

SECONDS_MAX = 60


def token():
    print('token', flush=True)
    return {'token': sys.stdin.readline().strip()}


def main():
    url, transport = sys.argv[1:]
    sio = socketio.Client(reconnection_delay=0.1)
    changed = threading.Condition()
    heard = []

    def hear(name, *body):
        with changed:
            heard.append((name, *body))
            changed.notify_all()

    def wait(holds, what):
        with changed:
            check(changed.wait_for(holds, SECONDS_MAX), f'{what}: nothing in {SECONDS_MAX} s: {heard}')

    def bodies(name):
        return [body[0] for one, *body in list(heard) if one == name]

    for name in ('token_expiring', 'exception'):
        sio.on(name, lambda body, name=name: hear(name, body))
    sio.on('connect', lambda: hear('connect', None))
    sio.connect(url, transports=[transport], auth=token, wait_timeout=20)
    first = joined(sio.call('join_room', {}))
    wait(lambda: bodies('token_expiring'), 'the announcement')
    fields(bodies('token_expiring')[0], EVENTS['token_expiring'], 'token_expiring')
    wait(lambda: bodies('exception'), 'the end')
    same(bodies('exception')[0]['code'], 'token_expired', 'code')
    wait(lambda: len(bodies('connect')) == 2, 'coming back')
    again = joined(sio.call('join_room', {'conversationId': first['conversation']['id']}))
    same(again['participant'], first['participant'], 'the participant')
    sio.disconnect()


if __name__ == '__main__':
    try:
        main()
    except BaseException:
        traceback.print_exc()
        os._exit(1)  # the library's threads would keep a failed run alive
