"""A stock python3-socketio client does everything that every client must be able to do.

Usage: python_client.py URL {sync|async} [TRANSPORT]
Asks its parent for a restart by the line "restart SIGNAL" on stdout and waits for "restarted" on
stdin. Exits with 0 if all went well.
"""
import asyncio
import os
import sys
import threading
import traceback
import uuid

import socketio

from python_shapes import EVENTS, CONVERSATION, TEXTS, check, fields, joined, message, same

ANSWER_SECONDS_MAX = 20
RECONNECT_SECONDS_MAX = 60
ROOM_COUNT = 50


class Sync:
    """The library's threaded client."""

    def __init__(self, options):
        self.options = options
        self.sio = socketio.Client()

    def on(self, name, handler):
        self.sio.on(name, handler)

    def connect(self, url):
        self.sio.connect(url, **self.options)

    def call(self, name, data):
        return self.sio.call(name, data, timeout=ANSWER_SECONDS_MAX)

    def emit(self, name, data=None):
        self.sio.emit(name, data)

    def transport(self):
        return self.sio.transport()

    def close(self):
        self.sio.disconnect()


class Async:
    """The library's asyncio client, on a loop in its own thread."""

    loop = asyncio.new_event_loop()

    def __init__(self, options):
        self.options = options
        if not self.loop.is_running():
            threading.Thread(target=self.loop.run_forever, daemon=True).start()

        async def make():
            self.sio = socketio.AsyncClient()

        self.run(make())

    def run(self, work):
        done = asyncio.run_coroutine_threadsafe(work, self.loop)
        return done.result(ANSWER_SECONDS_MAX + 5)

    def on(self, name, handler):
        async def handle(*args):
            handler(*args)

        self.sio.on(name, handle)

    def connect(self, url):
        self.run(self.sio.connect(url, **self.options))

    def call(self, name, data):
        return self.run(self.sio.call(name, data, timeout=ANSWER_SECONDS_MAX))

    def emit(self, name, data=None):
        self.run(self.sio.emit(name, data))

    def transport(self):
        return self.sio.transport()

    def close(self):
        self.run(self.sio.disconnect())


class Client:
    """One connection that records what it receives and checks its fields."""

    def __init__(self, flavour, options, url):
        self.log = []
        self.faults = []
        self.connects = 0
        self.drops = 0
        self.changed = threading.Condition()
        self.side = (Sync if flavour == 'sync' else Async)(options)
        for name in EVENTS:
            self.side.on(name, lambda *args, name=name: self.heard(name, *args))
        self.side.on('connect', lambda: self.count('connects'))
        self.side.on('disconnect', lambda *why: self.count('drops'))
        self.side.connect(url)
        self.wait(lambda: self.connects > 0, 'connecting')

    def count(self, what):
        with self.changed:
            setattr(self, what, getattr(self, what) + 1)
            self.changed.notify_all()

    def heard(self, name, body, *cursor):
        try:
            check(len(cursor) <= 1 and all(isinstance(c, str) for c in cursor), f'{name}: arguments')
            if name in ('new_message', 'share_robot_message'):
                message(body, name)
            elif name == 'get_messages':
                check(isinstance(body, list), 'get_messages: a list')
            else:
                fields(body, EVENTS[name], name)
        except AssertionError as fault:
            self.faults.append(fault)
        with self.changed:
            self.log.append((name, body))
            self.changed.notify_all()

    def wait(self, holds, what, seconds=ANSWER_SECONDS_MAX):
        with self.changed:
            check(self.changed.wait_for(holds, seconds), f'{what}: nothing in {seconds} s')

    def receive(self, name, matching=lambda body: True):
        def found():
            return [body for n, body in list(self.log) if n == name and matching(body)]

        self.wait(found, f'the event {name}')
        return found()[0]

    def ask(self, name, body):
        return self.side.call(name, body)

    def tell(self, name, body=None):
        self.side.emit(name, body)

    def join(self, room, user, role):
        return joined(self.ask('join_room', {'conversationId': room, 'userId': user, 'userRole': role}))

    def say(self, room, content, **more):
        return message(self.ask('send_message', {'conversationId': room, 'content': content, **more}))

    def read(self, room, **more):
        return [message(m) for m in self.ask('get_messages', {'conversationId': room, **more})]

    def messages(self, room):
        """The received messages, in log order: the threaded client handles events in several threads."""
        found = [b for n, b in list(self.log) if n == 'new_message' and b['conversationId'] == room]
        return sorted(found, key=lambda m: m['position'])


def unique(name):
    return f'{name}-{uuid.uuid4().hex[:8]}'


def every_event(customer, agent, robot, dashboard):
    room = unique('py-events')

    def here(body):
        return body.get('conversationId', body.get('conversation', {}).get('id')) == room

    fields(dashboard.ask('join_dashboard', {}), EVENTS['join_dashboard'], 'join_dashboard')
    first = customer.join(room, 'cust', 'cx-customer')
    same(first['conversation']['participantIds'], ['cust'], 'participants')
    created = dashboard.receive('conversation_created', here)
    fields(created['conversation'], CONVERSATION, 'conversation_created.conversation')
    dashboard.receive('conversation_participant_added', here)
    agent.join(room, 'agent', 'cx-agent')
    robot.join(room, 'bot', 'robot')
    same(customer.receive('user_joined', here)['participant']['userId'], 'agent', 'user_joined')

    typing = {'conversationId': room, 'userId': 'agent', 'userName': 'Ada'}
    same(agent.ask('typing_start', typing), {'success': True}, 'typing_start')
    customer.receive('user_typing', lambda b: b == {**typing, 'isTyping': True})
    del typing['userName']
    same(agent.ask('typing_stop', typing), {'success': True}, 'typing_stop')
    customer.receive('user_typing', lambda b: here(b) and not b['isTyping'])

    asked = customer.say(room, 'where is my order?', clientMessageId='mine')
    same(asked['clientMessageId'], 'mine', 'clientMessageId')
    for client in (customer, agent, robot):
        same(client.receive('new_message', here), asked, 'new_message')
    changes = dashboard.receive('conversation_updated', here)['changes']
    # A customer asks, so a wait begins.
    fields(changes, {'messageCount', 'lastMessageAt', 'updatedAt', 'lastFromRole', 'waitingSince'}, 'changes')
    draft = robot.say(room, 'on its way', type='robot')
    same(draft['isVisible'], False, 'a draft')
    share = {'originalMessageId': draft['id'], 'conversationId': room, 'fromUserId': 'agent'}
    shared = message(agent.ask('share_robot_message', share))
    same(shared['originalMessageId'], draft['id'], 'originalMessageId')
    customer.receive('new_message', lambda b: b['id'] == shared['id'])
    same(customer.messages(room), [asked, shared], 'what the customer saw')
    same(customer.read(room), [asked, shared], 'what the customer reads')
    same(agent.read(room), [asked, draft, shared], 'what the agent reads')
    same(agent.read(room, limit=1, offset=1), [draft], 'a page')

    same(agent.ask('leave_room', {'conversationId': room}), {'success': True}, 'leave_room')
    same(customer.receive('user_left', here), {'conversationId': room, 'userId': 'agent'}, 'user_left')
    dashboard.receive('conversation_participant_removed', here)
    fields(dashboard.ask('leave_dashboard', {}), EVENTS['leave_dashboard'], 'leave_dashboard')

    refused = agent.ask('typing_start', {'conversationId': room, 'userId': 'agent', 'userName': 'A'})
    fields(refused, {'success', 'error', 'code'}, 'refusal')
    same(refused['code'], 'not_participant', 'code')
    agent.tell('send_message', {'conversationId': room})
    same(agent.receive('exception')['event'], 'send_message', 'exception.event')


def replies_by_event(client, robot):
    room = unique('py-no-ack')
    robot.join(room, 'bot', 'robot')
    draft = robot.say(room, 'draft', type='robot')
    client.tell('join_dashboard')
    check(client.receive('join_dashboard')['success'] is True, 'join_dashboard by event')
    client.tell('join_room', {'conversationId': room, 'userId': 'agent', 'userRole': 'cx-agent'})
    joined(client.receive('join_room', lambda b: b['conversation']['id'] == room))
    client.tell('share_robot_message', {
        'originalMessageId': draft['id'], 'conversationId': room, 'fromUserId': 'agent'})
    client.receive('share_robot_message', lambda b: b['conversationId'] == room)
    client.tell('get_messages', {'conversationId': room})
    same(len(client.receive('get_messages')), 2, 'get_messages by event')
    client.tell('leave_room', {'conversationId': room})
    client.receive('leave_room')
    client.tell('leave_dashboard')
    client.receive('leave_dashboard')


def content(writer, reader):
    room = unique('py-content')
    writer.join(room, 'cust', 'cx-customer')
    reader.join(room, 'agent', 'cx-agent')
    unit = 'x¡€\U0001F600"\\\n'
    long_text = unit * (200_000 // len(unit.encode()))
    sent = []
    for text in [*TEXTS, long_text]:
        sent.append(writer.say(room, text))
        check(sent[-1]['content'] == text, f'the ack of {text[:40]!r}')
        seen = reader.receive('new_message', lambda b: b['id'] == sent[-1]['id'])
        check(seen['content'] == text, f'{text[:40]!r} at the reader')
    sent.append(reader.say(room, long_text + '!'))
    seen = writer.receive('new_message', lambda b: b['id'] == sent[-1]['id'])
    check(seen['content'] == long_text + '!', 'the long text the other way')

    for text, codes in [
        ('before\x00after', ('invalid_text',)),
        ('\x00', ('invalid_text',)),
        ('lone \ud83d', ('invalid_text', 'invalid_request')),
        ('\ude00\ud83d', ('invalid_text', 'invalid_request')),
    ]:
        reply = writer.ask('send_message', {'conversationId': room, 'content': text})
        if reply.get('success') is False:
            check(reply['code'] in codes, f'{text!r}: {reply["code"]}')
        else:
            same(reply['content'], text, 'cut or changed')
            sent.append(reply)
    sent.append(writer.say(room, 'still here'))
    same((writer.drops, reader.drops), (0, 0), 'connections lost')
    check(writer.read(room) == sent, 'history')


def many_rooms(one, other):
    rooms = [unique(f'py-room-{i}') for i in range(ROOM_COUNT)]
    for room in rooms:
        one.join(room, 'cust', 'cx-customer')
        other.join(room, 'agent', 'cx-agent')
    sent = {room: other.say(room, f'for {room}') for room in rooms}
    for room in rooms:
        one.receive('new_message', lambda b: b['conversationId'] == room)
    for room in rooms:
        same(one.messages(room), [sent[room]], room)


def restart(clients, signal):
    customer, agent = clients[:2]
    room = unique('py-restart')
    first = customer.join(room, 'cust', 'cx-customer')
    agent.join(room, 'agent', 'cx-agent')
    sent = [customer.say(room, f'before {i}') for i in range(5)]
    connects = [client.connects for client in clients]
    print(f'restart {signal}', flush=True)
    check(sys.stdin.readline().strip() == 'restarted', 'the parent ended')
    for client, count in zip(clients, connects):
        client.wait(lambda: client.connects > count, f'after {signal}, reconnecting', RECONNECT_SECONDS_MAX)
    again = customer.join(room, 'cust', 'cx-customer')
    agent.join(room, 'agent', 'cx-agent')
    same(again['participant'], first['participant'], 'the participant after a restart')
    same(again['conversation']['messageCount'], 5, 'the count after a restart')
    same(customer.read(room), sent, 'history after a restart')
    sent.append(agent.say(room, 'we are back'))
    same(sent[-1]['seq'], sent[-2]['seq'] + 1, 'seqs continue')
    same(customer.receive('new_message', lambda b: b['id'] == sent[-1]['id']), sent[-1], 'and live')


def closing(leaver, reader):
    room = unique('py-close')
    reader.join(room, 'agent', 'cx-agent')
    leaver.join(room, 'cust', 'cx-customer')
    leaver.ask('typing_start', {'conversationId': room, 'userId': 'cust', 'userName': 'Cy'})
    leaver.side.close()
    stopped = reader.receive('user_typing', lambda b: b['conversationId'] == room and not b['isTyping'])
    same(stopped['userName'], 'Cy', 'the user who stopped typing')
    ids = reader.join(room, 'agent', 'cx-agent')['conversation']['participantIds']
    same(sorted(ids), ['agent', 'cust'], 'the participant stays')


def main():
    url, flavour = sys.argv[1:3]
    options = {'transports': [sys.argv[3]]} if len(sys.argv) > 3 else {}
    clients = [Client(flavour, options, url) for _ in range(4)]
    customer, agent, robot, dashboard = clients
    wanted = sys.argv[3] if len(sys.argv) > 3 else 'websocket'
    for client in clients:
        same(client.side.transport(), wanted, 'transport')
    every_event(customer, agent, robot, dashboard)
    replies_by_event(dashboard, robot)
    content(customer, agent)
    many_rooms(customer, agent)
    for signal in ('SIGTERM', 'SIGKILL'):
        restart(clients, signal)
    closing(customer, agent)
    for client in (agent, robot, dashboard):
        client.side.close()
    for client in clients:
        for fault in client.faults:
            raise fault
    print('done', flush=True)


if __name__ == '__main__':
    try:
        main()
    except BaseException:
        traceback.print_exc()
        # The library's threads would keep a failed run alive; a successful one must end by itself.
        os._exit(1)
