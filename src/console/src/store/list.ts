// The list of conversations. Rows change in place; they change places only when the reader agrees.
import { signal } from '@preact/signals';
import type { Conversation, Participant, UserRole } from '../net/types';

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
  asOf: number; // the position of the log's last event that the server's row had in it
}

/// What a dashboard event does to a row.
export interface ListEvent {
  id: string;
  position: number; // NaN: the server tells none
  /// Without a row: of a conversation that is not in the list.
  change(row: Row | undefined): Conversation | undefined;
}

const time = (text: string | null | undefined) => (text ? Date.parse(text) : 0);

export function rowOf(conversation: Conversation, asOf: number): Row {
  const { waitingSince, lastMessageAt, createdAt } = conversation;
  return {
    ...conversation,
    asOf,
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
  private position = 0; // as of which the list was read
  private readers = 0;
  private early: ListEvent[] = []; // came while somebody reads

  get(id: string): Row | undefined {
    return this.rows.get(id);
  }

  get size(): number {
    return this.rows.size;
  }

  /// Runs `read`, which takes pages of the server's list. An event that arrives meanwhile may be in
  /// a page or not: it is applied again to rows that are older than it.
  async during(read: () => Promise<void>): Promise<void> {
    this.readers += 1;
    try {
      await read();
    } finally {
      this.readers -= 1;
      if (this.readers === 0) this.early = [];
    }
  }

  /// Takes the first page of the server's list, as of `position`.
  replace(conversations: readonly Conversation[], position: number): void {
    this.rows.clear();
    this.position = position;
    for (const one of conversations) this.rows.set(one.id, rowOf(one, position));
    this.order.value = conversations.map(({ id }) => id);
    this.settled();
    this.applyEarly();
    this.flush();
  }

  /// Takes the next page.
  append(conversations: readonly Conversation[], position: number): void {
    const added = conversations.filter(({ id }) => !this.rows.has(id));
    this.order.value = [...this.order.value, ...added.map(({ id }) => id)];
    for (const one of added) this.rows.set(one.id, rowOf(one, position));
    this.isChanged = true;
    this.refresh(conversations, position);
    this.flush();
  }

  /// Newer rows of conversations, as of a page that was read again.
  refresh(conversations: readonly Conversation[], position: number): void {
    for (const one of conversations) {
      const row = this.rows.get(one.id);
      if (!(row && row.asOf > position)) this.put(one.id, { ...row, ...one }, position);
    }
    this.applyEarly();
  }

  apply(event: ListEvent): void {
    if (this.readers > 0) this.early.push(event);
    this.take(event);
  }

  private applyEarly(): void {
    this.early.forEach((event) => this.take(event));
  }

  private take({ id, position, change }: ListEvent): void {
    const row = this.rows.get(id);
    const asOf = row?.asOf ?? this.position;
    if (position <= asOf) return;
    const changed = change(row);
    if (changed) this.put(id, changed, row ? asOf : position);
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

  private put(id: string, conversation: Conversation, asOf: number): void {
    const before = this.rows.get(id);
    const row = rowOf(conversation, asOf);
    this.rows.set(id, row);
    this.isChanged = true;
    if (before ? this.moves(before, row) : this.isShown(row)) this.moved.add(id);
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
    if (![row.id, ...row.participantIds].some((id) => id.startsWith(this.filter.value))) return false;
    if (this.show.value === 'waiting') return row.times.waiting > 0;
    if (this.show.value === 'without-agent') return (row.agentIds ?? []).length === 0;
    return true;
  }
}

// ---- what dashboard events change

export function updated(changes: Changes): ListEvent['change'] {
  return (row) => {
    if (!row) return undefined;
    const isNews = changes.lastMessageAt && changes.lastMessageAt !== row.lastMessageAt;
    return { ...row, ...changes, ...(isNews ? { lastMessage: undefined } : {}) };
  };
}

export function participantChanged({ userId, userRole }: Participant, takesPart: boolean): ListEvent['change'] {
  return (row) => {
    if (!row) return undefined;
    const people = row.participantIds.map((id, i) => [id, row.participantRoles[i]!] as const).filter(([id]) => id !== userId);
    if (takesPart) people.push([userId, userRole]);
    return {
      ...row,
      participantIds: people.map(([id]) => id),
      participantRoles: people.map(([, role]) => role),
      agentIds: people.flatMap(([id, role]) => (role === 'cx-agent' || role === 'cx-supervisor' ? id : [])),
    };
  };
}
