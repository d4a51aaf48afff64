"""A stock python3-socketio client over polling whose token is in the headers renews it in place.

Usage: python_header_token.py URL
Asks its parent for a token by the line "token" on stdout and reads it from stdin, and reads the line
"ended" once the first token has ended. Exits with 0 if all went well.
"""
import os
import sys
import threading
import traceback

import requests
import socketio

from python_shapes import check, joined, same

SECONDS_MAX = 60


def bearer():
    print('token', flush=True)
    token = sys.stdin.readline().strip()
    return token, {'Authorization': f'Bearer {token}'}


def main():
    session = requests.Session()
    session.headers.update(bearer()[1])
    sio = socketio.Client(http_session=session, reconnection=False)
    expiring = threading.Event()
    lost = threading.Event()
    sio.on('token_expiring', lambda body: expiring.set())
    sio.on('disconnect', lambda: lost.set())
    sio.connect(sys.argv[1], transports=['polling'], wait_timeout=20)
    first = joined(sio.call('join_room', {}))
    check(expiring.wait(SECONDS_MAX), 'the announcement')
    token, headers = bearer()
    session.headers.update(headers)
    same(sio.call('authenticate', {'token': token})['success'], True, 'success')
    same(sys.stdin.readline(), 'ended\n', 'the line')
    again = joined(sio.call('join_room', {'conversationId': first['conversation']['id']}))
    same(again['participant'], first['participant'], 'the participant')
    check(not lost.is_set(), 'the connection goes on')
    sio.disconnect()


if __name__ == '__main__':
    try:
        main()
    except BaseException:
        traceback.print_exc()
        os._exit(1)  # the library's threads would keep a failed run alive
