"""A stock python3-socketio client behind a proxy that ends TLS.

Usage: python_proxied.py {sync|async} URL ADDRESS CA TRANSPORTS TOKEN ROOM
Reaches the host of URL at ADDRESS, trusts the certificates of the file CA, joins, says "from
python", waits for "to python", and exits with 0 if all went well.
"""
import asyncio
import os
import socket
import ssl
import sys
import threading
import traceback

import aiohttp
import requests
import socketio

from python_shapes import check, joined, message, same

SECONDS_MAX = 40


def said(reply):
    same(message(reply)['content'], 'from python', 'the content')


def run(url, ca, transports, token, room):
    session = requests.Session()
    session.trust_env = False
    session.verify = ca
    sio = socketio.Client(http_session=session)
    answered = threading.Event()
    sio.on('new_message', lambda body: body['content'] == 'to python' and answered.set())
    sio.connect(url, transports=transports, auth={'token': token}, wait_timeout=20)
    same(sio.transport(), transports[-1], 'the transport')
    joined(sio.call('join_room', {'conversationId': room}))
    said(sio.call('send_message', {'conversationId': room, 'content': 'from python'}))
    check(answered.wait(SECONDS_MAX), 'no answer')
    sio.disconnect()


async def run_async(url, ca, transports, token, room):
    tls = ssl.create_default_context(cafile=ca)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as session:
        sio = socketio.AsyncClient(http_session=session)
        answered = asyncio.Event()

        async def hear(body):
            if body['content'] == 'to python':
                answered.set()

        sio.on('new_message', hear)
        await sio.connect(url, transports=transports, auth={'token': token}, wait_timeout=20)
        same(sio.transport(), transports[-1], 'the transport')
        joined(await sio.call('join_room', {'conversationId': room}))
        said(await sio.call('send_message', {'conversationId': room, 'content': 'from python'}))
        await asyncio.wait_for(answered.wait(), SECONDS_MAX)
        await sio.disconnect()


def main():
    kind, url, address, ca, transports, token, room = sys.argv[1:]
    resolve = socket.getaddrinfo
    socket.getaddrinfo = lambda host, *rest, **more: resolve(address, *rest, **more)
    arguments = (url, ca, transports.split(','), token, room)
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
