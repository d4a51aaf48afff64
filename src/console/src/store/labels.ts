// How a message differs from speech to the customer. Pure.
import type { Message, UserRole } from '../net/types';
import { kRoleNames } from './roles';

export type Kind = 'speech' | 'note' | 'robot' | 'shared' | 'staff' | 'system';

export interface Label {
  kind: Kind;
  words: string; // empty: speech
}

/// One label, although a robot's answer is also hidden, and a note may be to somebody.
/// `isShared`: the robot's message was shown to the customer as another message.
export function labelOf(message: Message, isShared = false): Label {
  // The copy keeps the type of its original; a hit of a search does not name that.
  const isCopy = message.originalMessageId || (message.type === 'robot' && message.fromRole !== 'robot' && message.isVisible);
  if (isCopy) return { kind: 'shared', words: 'Robot’s answer, shared with the customer' };
  if (message.fromRole === 'robot' || message.type === 'robot') {
    return isShared
      ? { kind: 'robot', words: 'Robot, shared with the customer' }
      : { kind: 'robot', words: 'Robot, not shown to the customer' };
  }
  if (message.toRole && message.toRole !== 'cx-customer' && message.fromRole !== 'cx-customer') {
    return { kind: 'staff', words: `To ${kRoleNames[message.toRole].toLowerCase()} only` };
  }
  if (!message.isVisible) return { kind: 'note', words: 'Internal note' };
  if (message.type === 'system') return { kind: 'system', words: 'System' };
  return { kind: 'speech', words: '' };
}

/// Why the viewer of a column does not see a message: "hidden from customer: robot".
export function hiddenWords(message: Message, from: UserRole): string {
  const kind = labelOf(message).kind;
  const what = kind === 'note' ? 'note' : kind === 'robot' ? 'robot' : kind === 'staff' ? 'to staff' : kind;
  return `hidden from ${kRoleNames[from].toLowerCase()}: ${what}`;
}
