"""A stock python3-socketio client whose handlers take exactly one argument, as in the library's
documentation, receives every durable broadcast.

Usage: python_one_argument.py URL {sync|async} [TRANSPORT]
"""
import asyncio
import sys
import threading

import socketio

SECONDS_MAX = 30
NAMES = [
    'conversation_created', 'conversation_participant_added', 'conversation_updated', 'new_message',
    'user_joined', 'user_left', 'conversation_participant_removed',
]


def main(url, flavour, transport=''):
    options = {'transports': [transport]} if transport else {}
    heard = set()
    changed = threading.Condition()

    def note(name):
        with changed:
            heard.add(name)
            changed.notify_all()

    def wait():
        with changed:
            if not changed.wait_for(lambda: heard == set(NAMES), SECONDS_MAX):
                sys.exit(f'heard only {sorted(heard)}')

    room = f'python-{flavour}-{transport}'
    steps = [
        ('join_dashboard', {}),
        ('join_room', {'conversationId': room, 'userId': 'p1', 'userRole': 'cx-agent'}),
    ]
    other = [
        ('join_room', {'conversationId': room, 'userId': 'p2', 'userRole': 'cx-customer'}),
        ('send_message', {'conversationId': room, 'content': 'hello'}),
        ('leave_room', {'conversationId': room}),
    ]
    if flavour == 'sync':
        listener, speaker = socketio.Client(), socketio.Client()
        for name in NAMES:
            listener.on(name, lambda body, name=name: note(name))
        for client in (listener, speaker):
            client.connect(url, **options)
        for client, requests in ((listener, steps), (speaker, other)):
            for name, body in requests:
                client.call(name, body)
        wait()
        for client in (listener, speaker):
            client.disconnect()
        return

    async def run():
        listener, speaker = socketio.AsyncClient(), socketio.AsyncClient()
        for name in NAMES:
            async def handler(body, name=name):
                note(name)
            listener.on(name, handler)
        for client in (listener, speaker):
            await client.connect(url, **options)
        for client, requests in ((listener, steps), (speaker, other)):
            for name, body in requests:
                await client.call(name, body)
        await asyncio.get_running_loop().run_in_executor(None, wait)
        for client in (listener, speaker):
            await client.disconnect()

    asyncio.run(run())


main(*sys.argv[1:])
print('done')
