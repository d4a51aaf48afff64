// The list of conversations. Rows change in place; they change places only when the reader agrees.
import { signal } from '@preact/signals';
import type { Conversation, UserRole } from '../net/types';

export type Sort = 'waiting' | 'activity' | 'created';
export type Show = 'all' | 'waiting' | 'without-agent';

/// What a dashboard hears of a conversation.
export interface Changes {
  messageCount?: number;
  lastMessageAt?: string;
  updatedAt?: string;
  waitingSince?: string | null;
  lastFromRole?: UserRole | null;
}

/// A conversation with its times as numbers, for sorting; 0: none.
export interface Row extends Conversation {
  times: { waiting: number; activity: number; created: number };
}

const time = (text: string | null | undefined) => (text ? Date.parse(text) : 0);

export function rowOf(conversation: Conversation): Row {
  const { waitingSince, lastMessageAt, createdAt } = conversation;
  return {
    ...conversation,
    times: { waiting: time(waitingSince), activity: time(lastMessageAt), created: time(createdAt) },
  };
}

/// The longest wait first, then those that do not wait, the newest first.
export function compare(sort: Sort, a: Row, b: Row): number {
  const [waitA, waitB] = [a.times.waiting, b.times.waiting];
  if (sort === 'waiting' && waitA !== waitB) return waitA === 0 ? 1 : waitB === 0 ? -1 : waitA - waitB;
  const key = sort === 'created' ? 'created' : 'activity';
  return b.times[key] - a.times[key] || (a.id < b.id ? -1 : 1);
}

/// Changes are gathered: call `flush` once a frame.
export class ConversationList {
  /// Grows with each change of a row.
  readonly version = signal(0);
  /// Ids in the order shown.
  readonly order = signal<readonly string[]>([]);
  readonly sort = signal<Sort>('waiting');
  readonly show = signal<Show>('all');
  readonly filter = signal('');
  /// While the pointer or the focus is in the list.
  readonly held = signal(false);
  /// How many conversations would move, come or go.
  readonly changes = signal(0);
  private readonly rows = new Map<string, Row>();
  private readonly moved = new Set<string>();
  private isChanged = false;

  get(id: string): Row | undefined {
    return this.rows.get(id);
  }

  get size(): number {
    return this.rows.size;
  }

  /// Takes the first page of the server's list.
  replace(conversations: readonly Conversation[]): void {
    this.rows.clear();
    for (const one of conversations) this.rows.set(one.id, rowOf(one));
    this.order.value = conversations.map(({ id }) => id);
    this.settled();
  }

  /// Takes the next page.
  append(conversations: readonly Conversation[]): void {
    const order = [...this.order.value];
    for (const one of conversations) {
      if (!this.rows.has(one.id)) order.push(one.id);
      this.rows.set(one.id, rowOf(one));
    }
    this.order.value = order;
    this.isChanged = true;
    this.flush();
  }

  /// Newer rows of conversations, as of a page that was read again.
  refresh(conversations: readonly Conversation[]): void {
    for (const one of conversations) this.put(one.id, { ...this.rows.get(one.id), ...one });
  }

  updated(id: string, changes: Changes): void {
    const row = this.rows.get(id);
    if (!row) return;
    const isNews = changes.lastMessageAt && changes.lastMessageAt !== row.lastMessageAt;
    this.put(id, { ...row, ...changes, ...(isNews ? { lastMessage: undefined } : {}) });
  }

  participants(id: string, change: (ids: string[], roles: UserRole[]) => [string[], UserRole[]]): void {
    const row = this.rows.get(id);
    if (!row) return;
    const [participantIds, participantRoles] = change(row.participantIds, row.participantRoles);
    const isStaff = (role: UserRole) => role === 'cx-agent' || role === 'cx-supervisor';
    const agentIds = participantIds.filter((_, i) => isStaff(participantRoles[i]!));
    this.put(id, { ...row, participantIds, participantRoles, agentIds });
  }

  /// Shows what has changed since the last call: the rows, and their order unless it is held.
  flush(): void {
    if (!this.isChanged) return;
    this.isChanged = false;
    if (this.moved.size > 0 && !this.held.value) return this.settle();
    this.changes.value = this.moved.size;
    this.version.value += 1;
  }

  /// Puts every row where it belongs now.
  settle(): void {
    const sort = this.sort.value;
    const shown = [...this.rows.values()].filter((row) => this.isShown(row));
    this.order.value = shown.sort((a, b) => compare(sort, a, b)).map(({ id }) => id);
    this.settled();
  }

  private settled(): void {
    this.moved.clear();
    this.isChanged = false;
    this.changes.value = 0;
    this.version.value += 1;
  }

  private put(id: string, conversation: Conversation): void {
    const before = this.rows.get(id);
    const row = rowOf(conversation);
    this.rows.set(id, row);
    this.isChanged = true;
    if (!before || this.moves(before, row)) this.moved.add(id);
  }

  private moves(before: Row, row: Row): boolean {
    if (this.isShown(before) !== this.isShown(row)) return true;
    if (this.sort.value === 'waiting' && (before.times.waiting > 0 || row.times.waiting > 0)) {
      return before.times.waiting !== row.times.waiting;
    }
    const key = this.sort.value === 'created' ? 'created' : 'activity';
    return before.times[key] !== row.times[key];
  }

  private isShown(row: Row): boolean {
    if (this.show.value === 'waiting') return row.times.waiting > 0;
    if (this.show.value === 'without-agent') return (row.agentIds ?? []).length === 0;
    return true;
  }
}
