"""A stock python3-socketio client that waits as long as each refusal says, and gets through.

Usage: python_rates.py URL TRANSPORT TOKEN
Exits with 0 if all went well.
"""
import os
import sys
import threading
import time
import traceback

import socketio

from python_shapes import check, joined

MESSAGES = 12  # python-engineio takes 16 packets of one poll, and ends beyond
SECONDS_MAX = 60


def main():
    url, transport, token = sys.argv[1:]
    sio = socketio.Client(reconnection=False)
    sio.connect(url, transports=[transport], auth={'token': token}, wait_timeout=20)
    room = joined(sio.call('join_room', {}))['conversation']['id']
    answers = []
    told = threading.Condition()

    def answered(answer):
        with told:
            answers.append(answer)
            told.notify_all()

    for i in range(MESSAGES):
        sio.emit('send_message', {'conversationId': room, 'content': str(i)}, callback=answered)
    with told:
        check(told.wait_for(lambda: len(answers) == MESSAGES, SECONDS_MAX), f'{len(answers)} answers')
    refused = [one for one in answers if one.get('code') == 'rate_limited']
    check(refused and not answers[0].get('code'), f'some are refused, the first is not: {answers}')
    while True:
        answer = sio.call('send_message', {'conversationId': room, 'content': 'at last'})
        if answer.get('code') != 'rate_limited':
            break
        time.sleep(answer['retryAfterMs'] / 1000)
    check(answer['content'] == 'at last', str(answer))
    sio.disconnect()


if __name__ == '__main__':
    try:
        main()
    except BaseException:
        traceback.print_exc()
        os._exit(1)  # the library's threads would keep a failed run alive
