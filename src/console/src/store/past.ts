// A conversation as of a moment of its life, and as somebody could see it.
import { batch, computed, signal } from '@preact/signals';
import type { ServerError } from '../net/server_error';
import type { AsOf, Conversation, Message, Participant, PastConversation, UserRole } from '../net/types';
import { Room } from './room';

/// A message in the life of the conversation.
export interface Tick {
  at: number; // ms
  position: number;
  isCustomers: boolean;
}

/// A time in ms, and the position of the log where it is known. Then that counts: one millisecond
/// may have several messages.
export interface Instant {
  at: number;
  position?: number;
}
export type Moment = Instant | { position: number; at?: undefined };

export interface PastReads {
  conversation(): Promise<Conversation>;
  messages(query: { before?: number; limit: number }): Promise<Message[]>;
  conversationAsOf(asOf: string, viewer: string): Promise<{ conversation: PastConversation; asOf: AsOf }>;
  participantsAsOf(asOf: string, viewer: string): Promise<Participant[]>;
  messagesAsOf(asOf: string, viewer: string, query: { before?: number; limit: number }): Promise<Message[]>;
}

/// What is seen of a moment.
export interface Seen {
  position: number;
  at: number; // ms
  viewer: string;
  room: Room;
}

/// More ticks are not read: the slider could not show them.
export const kTicksMax = 2_000;
const kPage = 100;

const compare = (tick: Tick, { position, at }: Moment) => (position === undefined ? tick.at - at! : tick.position - position);

export class Past {
  readonly ticks = signal<readonly Tick[]>([]);
  readonly hasMoreTicks = signal(false);
  readonly conversation = signal<Conversation | null>(null);
  /// Everybody who took part or wrote, as far as it is known.
  readonly people = signal<ReadonlyMap<string, UserRole>>(new Map());
  readonly seen = signal<Seen | null>(null);
  readonly state = signal<'loading' | 'ready' | ServerError>('loading');
  readonly isLooking = signal(false);
  readonly begin = computed(() => Date.parse(this.conversation.value?.createdAt ?? ''));
  readonly end = computed(() =>
    Math.max(Date.parse(this.conversation.value?.lastMessageAt ?? ''), this.ticks.value.at(-1)?.at ?? 0),
  );
  private generation = 0;

  constructor(
    readonly id: string,
    private readonly reads: PastReads,
  ) {}

  /// Reads the conversation's life, the newest part of it first.
  async open(): Promise<void> {
    try {
      const [conversation, newest] = await Promise.all([
        this.reads.conversation(),
        this.reads.messages({ limit: kPage }),
      ]);
      batch(() => {
        this.conversation.value = conversation;
        this.addTicks(newest);
        this.addPeople(conversation.participantIds.map((id, i) => [id, conversation.participantRoles[i]!]));
        this.state.value = 'ready';
      });
      for (let page = newest; page.length > 0; ) {
        if (this.ticks.value.length >= kTicksMax) {
          this.hasMoreTicks.value = true;
          break;
        }
        page = await this.reads.messages({ before: page[0]!.position, limit: kPage });
        this.addTicks(page);
      }
    } catch (fault) {
      if (this.conversation.value) this.hasMoreTicks.value = true; // what is there can be used
      else this.state.value = fault as ServerError;
    }
  }

  /// Shows a moment as `viewer` could see it; '' is the user who asks. A newer call ends this one.
  async look(moment: Moment, viewer: string): Promise<void> {
    const generation = ++this.generation;
    this.isLooking.value = true;
    const text = moment.position === undefined ? new Date(moment.at!).toISOString() : String(moment.position);
    try {
      const { conversation, asOf } = await this.reads.conversationAsOf(text, viewer);
      const room = await this.openRoom(conversation, String(asOf.position), viewer);
      if (generation !== this.generation) return;
      batch(() => {
        this.seen.value = { position: asOf.position, at: Date.parse(asOf.at), viewer, room };
        this.state.value = 'ready';
        this.isLooking.value = false;
      });
    } catch (fault) {
      if (generation !== this.generation) return;
      batch(() => {
        this.seen.value = null;
        this.state.value = fault as ServerError;
        this.isLooking.value = false;
      });
    }
  }

  /// The message before (-1) or after (1) a moment. Nothing: there is none.
  step(from: Moment, direction: -1 | 1): Tick | undefined {
    const ticks = this.ticks.value;
    return direction > 0 ? ticks.find((tick) => compare(tick, from) > 0) : ticks.findLast((tick) => compare(tick, from) < 0);
  }

  /// How many of the messages with a tick had been written.
  writtenBy(moment: Moment): number {
    return this.ticks.value.filter((tick) => compare(tick, moment) <= 0).length;
  }

  private async openRoom(conversation: PastConversation, asOf: string, viewer: string): Promise<Room> {
    const room = new Room(this.id, {
      conversation: async () => conversation,
      participants: () => this.reads.participantsAsOf(asOf, viewer),
      comings: async () => [],
      messages: ({ before, limit }) => this.reads.messagesAsOf(asOf, viewer, { before, limit }),
      watch: async () => {},
    });
    await room.open();
    if (room.state.value instanceof Error) throw room.state.value;
    this.addPeople(room.participants.value.map(({ userId, userRole }) => [userId, userRole]));
    room.typing.value = new Map(
      (conversation.typing ?? []).map(({ userId, userName }) => [userId, { name: userName || userId, at: 0 }]),
    );
    return room;
  }

  private addTicks(page: readonly Message[]): void {
    const ticks = page.map(({ timestamp, position, fromRole }) => ({
      at: Date.parse(timestamp),
      position,
      isCustomers: fromRole === 'cx-customer',
    }));
    this.ticks.value = [...ticks, ...this.ticks.value];
    this.addPeople(page.map(({ fromUserId, fromRole }) => [fromUserId, fromRole]));
  }

  private addPeople(people: readonly (readonly [string, UserRole])[]): void {
    const all = new Map(this.people.value);
    for (const [id, role] of people) if (!all.has(id)) all.set(id, role);
    if (all.size !== this.people.value.size) this.people.value = all;
  }
}

/// The path of an SVG of 1000 × 24: customers above the middle, everybody else below.
export function tickPath(ticks: readonly Tick[], begin: number, end: number): string {
  const width = Math.max(1, end - begin);
  const drawn = new Set<string>();
  for (const { at, isCustomers } of ticks) {
    const x = Math.round(((at - begin) / width) * 1000);
    drawn.add(isCustomers ? `M${x} 1V11` : `M${x} 13V23`);
  }
  return [...drawn].join('');
}
