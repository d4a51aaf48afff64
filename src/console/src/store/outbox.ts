// Messages on their way to the log. One at a time, in the order of writing, each under the same
// clientMessageId at every try: so none is lost, and none is stored twice.
import { signal } from '@preact/signals';
import type { ServerError } from '../net/server_error';
import type { Message, UserRole } from '../net/types';

export interface Draft {
  conversationId: string;
  content: string;
  isNote: boolean;
  toRole?: UserRole;
  seenSeq?: number; // refuse if the author has not seen a later message
}

export interface Outgoing extends Draft {
  clientMessageId: string;
  createdAt: number;
  state: 'queued' | 'sending' | 'unconfirmed' | 'failed' | 'conflict';
  error?: ServerError;
  missed?: Message[]; // of a conflict
}

export interface OutboxParts {
  send(outgoing: Outgoing): Promise<Message>;
  isOnline(): boolean;
  now(): number;
  newId(): string;
  wait(ms: number): Promise<void>;
  stored(message: Message): void;
}

export const kUnconfirmedMs = 30_000;
const kBusyMs = 1_000;
// These end by themselves: the same request is accepted later.
const kPassing = new Set(['busy', 'rate_limited', 'shutting_down']);

export class Outbox {
  readonly messages = signal<readonly Outgoing[]>([]);
  private readonly ownSeq = new Map<string, number>();
  private working = false;

  constructor(private readonly parts: OutboxParts) {}

  add(draft: Draft): void {
    const { newId, now } = this.parts;
    this.messages.value = [
      ...this.messages.value,
      { ...draft, clientMessageId: newId(), createdAt: now(), state: 'queued' },
    ];
    void this.work();
  }

  /// Tries again what failed. `anyway`: although the conversation has moved on.
  retry(clientMessageId: string, { anyway = false } = {}): void {
    const change = anyway ? { seenSeq: undefined } : {};
    this.change(clientMessageId, { state: 'queued', error: undefined, missed: undefined, ...change });
    void this.work();
  }

  remove(clientMessageId: string): Outgoing | undefined {
    const found = this.messages.value.find((one) => one.clientMessageId === clientMessageId);
    this.messages.value = this.messages.value.filter((one) => one !== found);
    void this.work();
    return found;
  }

  /// A message arrived from the log: if it is one of ours, it needs no answer any more.
  noteStored(message: Message): void {
    const own = this.messages.value.find(
      (one) => one.clientMessageId === message.clientMessageId && one.conversationId === message.conversationId,
    );
    if (!own) return;
    this.ownSeq.set(message.conversationId, Math.max(this.ownSeq.get(message.conversationId) ?? 0, message.seq));
    this.messages.value = this.messages.value.filter((one) => one !== own);
  }

  /// The connection is there again, or time has passed.
  async work(): Promise<void> {
    if (this.working) return;
    this.working = true;
    try {
      for (let next = this.next(); next && this.parts.isOnline(); next = this.next()) await this.sendOne(next);
    } finally {
      this.working = false;
    }
  }

  /// Marks what waits for too long; call it once a second.
  noteTime(): void {
    const late = this.parts.now() - kUnconfirmedMs;
    for (const one of this.messages.value) {
      if ((one.state === 'queued' || one.state === 'sending') && one.createdAt <= late) {
        this.change(one.clientMessageId, { state: 'unconfirmed' });
      }
    }
  }

  // A conflict holds back what was written after it in the same conversation.
  private next(): Outgoing | undefined {
    const held = new Set<string>();
    for (const one of this.messages.value) {
      if (one.state === 'conflict') held.add(one.conversationId);
      else if (one.state !== 'failed' && !held.has(one.conversationId)) return one;
    }
    return undefined;
  }

  private async sendOne(one: Outgoing): Promise<void> {
    if (one.state === 'queued') this.change(one.clientMessageId, { state: 'sending' });
    const seen = one.seenSeq === undefined ? undefined : Math.max(one.seenSeq, this.ownSeq.get(one.conversationId) ?? 0);
    try {
      const message = await this.parts.send({ ...one, seenSeq: seen });
      this.noteStored(message);
      this.parts.stored(message);
    } catch (fault) {
      await this.noteFault(one, fault as ServerError);
    }
  }

  private async noteFault(one: Outgoing, error: ServerError): Promise<void> {
    const id = one.clientMessageId;
    if (error.code === 'conflict') {
      this.change(id, { state: 'conflict', error, missed: (error.details.missed as Message[] | undefined) ?? [] });
    } else if (error.code === 'offline') {
      if (this.parts.isOnline()) await this.parts.wait(kBusyMs); // no answer: the same again
    } else if (kPassing.has(error.code)) {
      await this.parts.wait(Math.max(error.retryAfterMs, kBusyMs));
    } else {
      this.change(id, { state: 'failed', error });
    }
  }

  private change(clientMessageId: string, change: Partial<Outgoing>): void {
    this.messages.value = this.messages.value.map((one) =>
      one.clientMessageId === clientMessageId ? { ...one, ...change } : one,
    );
  }
}
