"""A stock python3-socketio client that trusts one certificate.

Usage: python_tls.py {sync|async} URL CERTIFICATE TRANSPORTS ROOM
Joins ROOM, sends a message and hears it. Exits with 0 if all went well.
"""
import asyncio
import os
import ssl
import sys
import threading
import traceback

import aiohttp
import requests
import socketio

from python_shapes import check, joined, same

SECONDS_MAX = 40
JOIN = {'userId': 'python', 'userRole': 'cx-agent'}
SEND = {'content': 'over TLS', 'fromUserId': 'python', 'fromRole': 'cx-agent'}


def run(url, certificate, transports, room):
    session = requests.Session()
    session.trust_env = False
    session.verify = certificate
    sio = socketio.Client(http_session=session)
    heard = threading.Event()
    messages = []
    sio.on('new_message', lambda body: (messages.append(body), heard.set()))
    sio.connect(url, transports=transports, wait_timeout=20)
    joined(sio.call('join_room', {'conversationId': room, **JOIN}))
    sent = sio.call('send_message', {'conversationId': room, **SEND})
    check(heard.wait(SECONDS_MAX), 'nothing heard')
    same(messages, [sent], 'the messages')
    sio.disconnect()


async def run_async(url, certificate, transports, room):
    tls = ssl.create_default_context(cafile=certificate)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as session:
        sio = socketio.AsyncClient(http_session=session)
        heard = asyncio.Event()
        messages = []

        async def hear(body):
            messages.append(body)
            heard.set()

        sio.on('new_message', hear)
        await sio.connect(url, transports=transports, wait_timeout=20)
        same(sio.transport(), transports[-1], 'the transport')
        joined(await sio.call('join_room', {'conversationId': room, **JOIN}))
        sent = await sio.call('send_message', {'conversationId': room, **SEND})
        await asyncio.wait_for(heard.wait(), SECONDS_MAX)
        same(messages, [sent], 'the messages')
        await sio.disconnect()


def main():
    kind, url, certificate, transports, room = sys.argv[1:]
    arguments = (url, certificate, transports.split(','), room)
    if kind == 'async':
        asyncio.run(run_async(*arguments))
    else:
        run(*arguments)


if __name__ == '__main__':
    try:
        main()
    except BaseException:
        traceback.print_exc()
        os._exit(1)  # the library's threads would keep a failed run alive
