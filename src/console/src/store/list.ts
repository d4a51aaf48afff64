// The list of conversations. Rows change in place; they change places only when the reader agrees.
import { computed, signal } from '@preact/signals';
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

const time = (text: string | null | undefined) => (text ? Date.parse(text) : 0);

/// The longest wait first, then those that do not wait, the newest first.
export function compare(sort: Sort, a: Conversation, b: Conversation): number {
  if (sort === 'waiting') {
    const [waitA, waitB] = [time(a.waitingSince), time(b.waitingSince)];
    if (waitA !== waitB) return waitA === 0 ? 1 : waitB === 0 ? -1 : waitA - waitB;
  }
  const key = sort === 'created' ? 'createdAt' : 'lastMessageAt';
  return time(b[key]) - time(a[key]) || (a.id < b.id ? -1 : 1);
}

export class ConversationList {
  readonly rows = signal<ReadonlyMap<string, Conversation>>(new Map());
  /// Ids in the order shown.
  readonly order = signal<readonly string[]>([]);
  readonly sort = signal<Sort>('waiting');
  readonly show = signal<Show>('all');
  readonly filter = signal('');
  /// While the pointer or the focus is in the list.
  readonly held = signal(false);
  /// Conversations that would move, come or go.
  private readonly moved = signal<ReadonlySet<string>>(new Set());
  readonly changes = computed(() => this.moved.value.size);

  /// Takes a page of the server's list.
  replace(conversations: readonly Conversation[]): void {
    this.rows.value = new Map(conversations.map((one) => [one.id, one]));
    this.order.value = conversations.map((one) => one.id);
    this.moved.value = new Set();
  }

  append(conversations: readonly Conversation[]): void {
    const rows = new Map(this.rows.value);
    const order = [...this.order.value];
    for (const one of conversations) {
      if (!rows.has(one.id)) order.push(one.id);
      rows.set(one.id, one);
    }
    this.rows.value = rows;
    this.order.value = order;
  }

  /// Newer rows of conversations, as a page that was read again; the order stays until `settle`.
  refresh(conversations: readonly Conversation[]): void {
    const rows = new Map(this.rows.value);
    const moved = new Set(this.moved.value);
    for (const one of conversations) {
      if (!rows.has(one.id)) moved.add(one.id);
      rows.set(one.id, { ...rows.get(one.id), ...one });
    }
    this.rows.value = rows;
    this.moved.value = moved;
    this.settleUnlessHeld();
  }

  created(conversation: Conversation): void {
    this.refresh([conversation]);
  }

  updated(id: string, changes: Changes): void {
    const row = this.rows.value.get(id);
    if (!row) return;
    const rows = new Map(this.rows.value);
    const next = { ...row, ...changes };
    if (changes.lastMessageAt && changes.lastMessageAt !== row.lastMessageAt) next.lastMessage = undefined;
    rows.set(id, next);
    this.rows.value = rows;
    if (compare(this.sort.value, row, next) !== 0) this.moved.value = new Set(this.moved.value).add(id);
    this.settleUnlessHeld();
  }

  participants(id: string, change: (ids: string[], roles: UserRole[]) => [string[], UserRole[]]): void {
    const row = this.rows.value.get(id);
    if (!row) return;
    const [participantIds, participantRoles] = change(row.participantIds, row.participantRoles);
    const isStaff = (role: UserRole) => role === 'cx-agent' || role === 'cx-supervisor';
    const agentIds = participantIds.filter((_, i) => isStaff(participantRoles[i]!));
    this.rows.value = new Map(this.rows.value).set(id, { ...row, participantIds, participantRoles, agentIds });
  }

  /// Puts every row where it belongs now.
  settle(): void {
    const wanted = [...this.rows.value.values()].filter((row) => this.isShown(row));
    const sort = this.sort.value;
    this.order.value = wanted.sort((a, b) => compare(sort, a, b)).map((row) => row.id);
    this.moved.value = new Set();
  }

  private settleUnlessHeld(): void {
    if (!this.held.value && this.moved.value.size > 0) this.settle();
  }

  private isShown(row: Conversation): boolean {
    if (this.show.value === 'waiting') return Boolean(row.waitingSince);
    if (this.show.value === 'without-agent') return (row.agentIds ?? []).length === 0;
    return true;
  }
}
