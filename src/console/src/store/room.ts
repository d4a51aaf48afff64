// One open conversation.
import { batch, computed, signal } from '@preact/signals';
import type { ServerError } from '../net/server_error';
import type { Conversation, LogEvent, Message, Participant, Typing } from '../net/types';
import { MessageWindow } from './messages';
import { inOrder, joinNotice, noticesOf, type Notice } from './notices';

export interface RoomReads {
  conversation(): Promise<Conversation>;
  participants(): Promise<Participant[]>;
  /// Joins and leaves as the log has them; none where it may not be read.
  comings(): Promise<LogEvent[]>;
  messages(query: { before?: number; after?: number; limit: number }): Promise<Message[]>;
  /// Subscribes to what happens from now on.
  watch(): Promise<void>;
}

export type RoomState = 'loading' | 'ready' | ServerError;

export const kPage = 100;
const kTypingMs = 15_000; // an end that was missed

export class Room {
  readonly window = new MessageWindow();
  readonly state = signal<RoomState>('loading');
  readonly conversation = signal<Conversation | null>(null);
  readonly participants = signal<readonly Participant[]>([]);
  readonly notices = signal<readonly Notice[]>([]);
  readonly typing = signal<ReadonlyMap<string, { name: string; at: number }>>(new Map());
  /// The first message that the reader had not seen when the conversation was opened or left.
  readonly newFrom = signal<number | null>(null);
  readonly isReading = signal(false);
  /// Messages that the reader has sent from here: after each the view goes to the present.
  readonly sent = signal(0);
  readonly lastSeq = computed(() => this.window.messages.value.at(-1)?.seq ?? 0);
  readonly sharedIds = computed(
    () => new Set(this.window.messages.value.flatMap((message) => message.originalMessageId ?? [])),
  );
  private generation = 0;
  /// What arrives while the window is read; null: nothing is read.
  private early: Message[] | null = null;

  constructor(
    readonly id: string,
    private readonly reads: RoomReads,
  ) {}

  /// Reads the newest messages, or those around `position`. First subscribes, so that nothing falls
  /// between what is read and what arrives.
  async open(position?: number): Promise<void> {
    const generation = this.startReading();
    try {
      await this.reads.watch();
      const [conversation, participants, comings, around] = await Promise.all([
        this.reads.conversation(),
        this.reads.participants(),
        this.reads.comings(),
        this.readAround(position),
      ]);
      if (generation !== this.generation) return;
      batch(() => {
        this.conversation.value = conversation;
        this.participants.value = participants;
        this.notices.value = noticesOf(comings, participants);
        this.show(around);
        this.state.value = 'ready';
      });
    } catch (fault) {
      if (generation === this.generation) this.state.value = fault as ServerError;
    }
  }

  async loadOlder(): Promise<void> {
    const first = this.window.messages.value[0];
    if (!this.window.hasOlder.value || !first) return;
    await this.readOne(() => this.reads.messages({ before: first.position, limit: kPage }), 'addOlder');
  }

  async loadNewer(): Promise<void> {
    const last = this.window.messages.value.at(-1);
    if (!this.window.hasNewer.value || !last) return;
    await this.readOne(() => this.reads.messages({ after: last.position, limit: kPage }), 'addNewer');
  }

  async jumpTo(position?: number): Promise<void> {
    const generation = this.startReading();
    const around = await this.readAround(position);
    if (generation === this.generation) this.show(around);
  }

  arrived(message: Message): void {
    if (this.early) this.early.push(message);
    else this.window.arrived([message]);
    this.stopTyping(message.fromUserId);
  }

  /// Reads who takes part: a connection is not told of its own join.
  async readParticipants(): Promise<void> {
    const known = new Set(this.participants.value.map(({ userId }) => userId));
    const all = await this.reads.participants().catch(() => null);
    if (!all) return;
    this.participants.value = all;
    const joined = all.filter(({ userId }) => !known.has(userId)).map((one) => joinNotice(one));
    if (joined.length > 0) this.notices.value = inOrder([...this.notices.value, ...joined]);
  }

  noteTyping({ userId, userName, isTyping }: Typing): void {
    if (!isTyping) return this.stopTyping(userId);
    this.typing.value = new Map(this.typing.value).set(userId, { name: userName || userId, at: Date.now() });
  }

  joined(participant: Participant, position?: number): void {
    const known = this.participants.value.find((one) => one.userId === participant.userId);
    this.participants.value = [...this.participants.value.filter((one) => one !== known), participant];
    if (!known) this.notices.value = [...this.notices.value, joinNotice(participant, position)];
  }

  left(userId: string, position?: number): void {
    const known = this.participants.value.find((one) => one.userId === userId);
    this.participants.value = this.participants.value.filter((one) => one !== known);
    this.notices.value = [...this.notices.value, { userId, userRole: known?.userRole, what: 'left', at: Date.now(), position }];
    this.stopTyping(userId);
  }

  forgetOldTyping(now: number): void {
    for (const [userId, { at }] of this.typing.value) if (now - at > kTypingMs) this.stopTyping(userId);
  }

  private startReading(): number {
    this.early ??= [];
    return ++this.generation;
  }

  private show(around: { messages: Message[]; hasOlder: boolean; hasNewer: boolean }): void {
    const early = this.early ?? [];
    this.early = null;
    this.window.reset(around.messages, around);
    this.window.arrived(early);
  }

  private stopTyping(userId: string): void {
    if (!this.typing.value.has(userId)) return;
    const typing = new Map(this.typing.value);
    typing.delete(userId);
    this.typing.value = typing;
  }

  private async readAround(position?: number) {
    if (position === undefined) {
      const messages = await this.reads.messages({ limit: kPage });
      return { messages, hasOlder: messages.length > 0, hasNewer: false };
    }
    const [before, after] = await Promise.all([
      this.reads.messages({ before: position, limit: kPage / 2 }),
      this.reads.messages({ after: position - 1, limit: kPage / 2 }),
    ]);
    return { messages: [...before, ...after], hasOlder: before.length > 0, hasNewer: after.length > 0 };
  }

  private async readOne(read: () => Promise<Message[]>, add: 'addOlder' | 'addNewer'): Promise<void> {
    if (this.isReading.value) return;
    this.isReading.value = true;
    const generation = this.generation;
    try {
      const page = await read();
      if (generation === this.generation) this.window[add](page);
    } catch {
      // The link's banner says why; scrolling reads again.
    } finally {
      this.isReading.value = false;
    }
  }
}
