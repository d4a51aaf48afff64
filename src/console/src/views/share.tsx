// Showing a robot's answer to the customer.
import { signal } from '@preact/signals';
import { request } from '../net/socket';
import type { ServerError } from '../net/server_error';
import type { Message } from '../net/types';
import { identity } from '../store/identity';
import { named } from '../store/page';
import type { Room } from '../store/room';
import { Icon } from '../ui/icon';

/// Shares that failed, by the robot's message.
const failures = signal<ReadonlyMap<string, ServerError>>(new Map());
const underWay = signal<ReadonlySet<string>>(new Set());

async function share(room: Room, message: Message): Promise<void> {
  if (underWay.value.has(message.id)) return;
  underWay.value = new Set(underWay.value).add(message.id);
  const failed = new Map(failures.value);
  failed.delete(message.id);
  try {
    room.arrived(await shareAsParticipant(room, message));
  } catch (fault) {
    failed.set(message.id, fault as ServerError);
  }
  failures.value = failed;
  const rest = new Set(underWay.value);
  rest.delete(message.id);
  underWay.value = rest;
}

// Only participants may share: like somebody who writes, who shares becomes one.
async function shareAsParticipant(room: Room, message: Message): Promise<Message> {
  const fromUserId = named().userId ?? identity.value?.userId;
  const body = { originalMessageId: message.id, conversationId: room.id, fromUserId };
  try {
    return await request<Message>('share_robot_message', body);
  } catch (fault) {
    if ((fault as ServerError).code !== 'not_participant') throw fault;
    await request('join_room', { conversationId: room.id, ...named() });
    return request<Message>('share_robot_message', body);
  }
}

/// Goes to the button of the robot's last answer: what is shared cannot be taken back, so a key alone
/// does not share it.
export function focusLastShare(): void {
  const buttons = document.querySelectorAll<HTMLElement>('.messages .share-button');
  buttons[buttons.length - 1]?.focus();
}

export function ShareButton({ room, message }: { room: Room; message: Message }) {
  const failure = failures.value.get(message.id);
  return (
    <p class="share">
      <button type="button" class="share-button" disabled={underWay.value.has(message.id)} onClick={() => void share(room, message)}>
        <Icon name="share" /> Share with the customer
      </button>
      {failure && (
        <span class="bad" role="alert">
          {' '}
          {failure.message}
        </span>
      )}
    </p>
  );
}
