"""Checks of the wire for the Python clients: exact fields, and texts that break careless servers."""
import re

TIME = re.compile(r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$')
MESSAGE = {
    'id', 'conversationId', 'fromUserId', 'fromRole', 'content', 'type', 'timestamp', 'isVisible',
    'seq', 'position',
}
MESSAGE_OPTIONAL = {'toRole', 'originalMessageId', 'clientMessageId'}
PARTICIPANT = {'userId', 'userRole', 'joinedAt'}
CONVERSATION = {
    'id', 'participantIds', 'participantRoles', 'messageCount', 'lastMessageAt', 'isActive',
    'createdAt', 'updatedAt',
}
EVENTS = {
    'conversation_created': {'conversation', 'createdBy', 'initialParticipants', 'timestamp'},
    'conversation_participant_added': {'conversationId', 'participant', 'action', 'timestamp'},
    'conversation_participant_removed': {'conversationId', 'participant', 'action', 'timestamp'},
    'conversation_updated': {'conversationId', 'changes', 'timestamp'},
    'user_joined': {'conversationId', 'participant'},
    'user_left': {'conversationId', 'userId'},
    'user_typing': {'conversationId', 'userId', 'userName', 'isTyping'},
    'presence_changed': {'version', 'users', 'watchers'},
    'typing_changed': {'conversations'},
    'exception': {'status', 'message', 'code', 'event'},
    'token_expiring': {'expiresAt'},
    'new_message': None,
    'join_room': {'success', 'participant', 'conversation', 'position'},
    'leave_room': {'success'},
    'watch_room': {'success', 'position'},
    'unwatch_room': {'success'},
    'get_messages': None,
    'share_robot_message': None,
    'join_dashboard': {'success', 'message', 'position'},
    'leave_dashboard': {'success', 'message', 'position'},
    'log_events': {'events', 'upTo'},
    'join_log': {'success', 'position'},
    'leave_log': {'success'},
    'authenticate': {'success', 'expiresAt'},
}

TEXTS = [
    'a \U0001F469\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466 \U0001F1E9\U0001F1EA',
    'שלום עולם, مرحبا بالعالم',
    'e\u0301 \u00e9 Z\u0351\u036b\u0343',
    'one\u2028two\u2029three\u0085four',
    'quotes " \' and \\ back\\\\slashes \\u0041',
    'a\tb\nc\r\nd\b\f\u0001\u001b\u001f\u007f',
    '\ufeffx\uffff\U0010FFFF',
]


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def same(found, wanted, what):
    check(found == wanted, f'{what}: expected {wanted!r:.500}, found {found!r:.500}')


def fields(value, wanted, what, optional=frozenset()):
    check(isinstance(value, dict), f'{what}: not an object: {value!r:.300}')
    same(set(value) - set(optional), set(wanted), f'{what}: fields')


def message(value, what='message'):
    fields(value, MESSAGE, what, MESSAGE_OPTIONAL)
    for name in MESSAGE - {'isVisible', 'seq', 'position'}:
        check(isinstance(value[name], str), f'{what}.{name}: a string')
    check(value['isVisible'] in (True, False), f'{what}.isVisible: a boolean')
    for name in ('seq', 'position'):
        check(type(value[name]) is int and value[name] >= 1, f'{what}.{name}: a number from 1')
    check(TIME.match(value['timestamp']), f'{what}.timestamp: a time')
    return value


def joined(value):
    fields(value, EVENTS['join_room'], 'join_room')
    check(value['success'] is True, 'join_room.success')
    fields(value['participant'], PARTICIPANT, 'participant')
    fields(value['conversation'], CONVERSATION, 'conversation')
    return value
