"""A stock python3-socketio client that trusts one certificate.

Usage: python_tls.py URL CERTIFICATE TRANSPORT ROOM
Joins ROOM, sends a message and hears it. Exits with 0 if all went well.
"""
import sys
import threading

import requests
import socketio

from python_shapes import check, joined, same


def main():
    url, certificate, transport, room = sys.argv[1:]
    session = requests.Session()
    session.verify = certificate
    sio = socketio.Client(http_session=session)
    heard = threading.Event()
    messages = []

    @sio.on('new_message')
    def on_message(body):
        messages.append(body)
        heard.set()

    sio.connect(url, transports=[transport], wait_timeout=20)
    joined(sio.call('join_room', {'conversationId': room, 'userId': 'python', 'userRole': 'cx-agent'}))
    sent = sio.call('send_message', {'conversationId': room, 'content': 'over TLS', 'fromUserId': 'python', 'fromRole': 'cx-agent'})
    check(heard.wait(30), 'nothing heard')
    same(messages[0], sent, 'the message')
    sio.disconnect()


if __name__ == '__main__':
    main()
