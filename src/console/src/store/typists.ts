// Who types in which conversation, as dashboards are told.
import { signal } from '@preact/signals';
import type { TypingChanged, TypingIn } from '../net/types';

/// The names of some, and how many there are.
export interface Typing {
  names: readonly string[];
  count: number;
}

export class Typists {
  private readonly rooms = signal<ReadonlyMap<string, TypingIn>>(new Map());

  /// Takes what has changed.
  apply({ conversations }: TypingChanged): void {
    const rooms = new Map(this.rooms.value);
    for (const one of conversations) {
      if (one.count === 0) rooms.delete(one.conversationId);
      else rooms.set(one.conversationId, one);
    }
    this.rooms.value = rooms;
  }

  /// Forgets everybody: the server tells anew at the next connection.
  clear(): void {
    if (this.rooms.value.size > 0) this.rooms.value = new Map();
  }

  /// Those who type there, but for `me`.
  in(conversationId: string, me?: string): Typing {
    const { users, count } = this.rooms.value.get(conversationId) ?? { users: [], count: 0 };
    const others = users.filter(({ userId }) => userId !== me);
    return { names: others.map(({ userId, userName }) => userName || userId), count: count - (users.length - others.length) };
  }
}

/// The names and the words after them; `most` names, or fewer and how many others there are.
export function typingWords({ names, count }: Typing, most: number): { names: readonly string[]; words: string } {
  if (count <= most && count <= names.length) return { names, words: count === 1 ? ' is typing…' : ' are typing…' };
  const named = names.slice(0, most - 1);
  const others = count - named.length;
  return { names: named, words: ` and ${others} ${others === 1 ? 'other' : 'others'} are typing…` };
}
