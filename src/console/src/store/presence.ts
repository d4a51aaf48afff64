// Who is connected, and who looks at which conversation.
import { signal } from '@preact/signals';
import type { Presence, WholePresence } from '../net/types';

type PresentUser = Presence['users'][number];
type Watcher = Presence['watchers'][number]['users'][number];

const keyOf = ({ userId, userRole }: PresentUser) => `${userRole} ${userId}`;

export class PresenceBoard {
  readonly users = signal<ReadonlyMap<string, PresentUser>>(new Map());
  readonly watchers = signal<ReadonlyMap<string, readonly Watcher[]>>(new Map());
  private version = 0;

  /// Takes what the server says of all.
  replace(whole: WholePresence): void {
    this.version = whole.version;
    this.users.value = new Map(whole.users.map((user) => [keyOf(user), user]));
    this.watchers.value = new Map(whole.watchers.map(({ conversationId, users }) => [conversationId, users]));
  }

  /// Forgets everybody, as another user may know less.
  clear(): void {
    this.version = 0;
    this.users.value = new Map();
    this.watchers.value = new Map();
  }

  /// Takes what has changed; what is older than what is known is dropped.
  apply(changed: Presence): void {
    if (changed.version <= this.version) return;
    this.version = changed.version;
    const users = new Map(this.users.value);
    for (const user of changed.users) {
      if (user.connections === 0) users.delete(keyOf(user));
      else users.set(keyOf(user), user);
    }
    const watchers = new Map(this.watchers.value);
    for (const { conversationId, users: all } of changed.watchers) {
      if (all.length === 0) watchers.delete(conversationId);
      else watchers.set(conversationId, all);
    }
    this.users.value = users;
    this.watchers.value = watchers;
  }

  isConnected(userId: string): boolean {
    for (const user of this.users.value.values()) if (user.userId === userId) return true;
    return false;
  }
}
