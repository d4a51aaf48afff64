// Which messages of a window somebody else may see: asked of the server, never guessed.
import { signal } from '@preact/signals';
import type { ServerError } from '../net/server_error';
import type { Message } from '../net/types';
import { kPage } from './room';

type Read = (query: { after: number; limit: number }) => Promise<Message[]>;

export class SeenBy {
  readonly ids = signal<ReadonlySet<string>>(new Set());
  /// Positions that have been asked for: from the first to the last.
  readonly covered = signal<{ from: number; to: number } | null>(null);
  readonly error = signal<ServerError | null>(null);
  private isReading = false;

  constructor(private readonly read: Read) {}

  isKnown(position: number): boolean {
    const covered = this.covered.value;
    return covered !== null && position >= covered.from && position <= covered.to;
  }

  /// Asks for what is missing of these positions.
  async cover(from: number, to: number): Promise<void> {
    if (this.isReading) return;
    this.isReading = true;
    try {
      const covered = this.covered.peek();
      if (!covered || to < covered.from || from > covered.to) await this.readRange(from, to);
      else {
        if (from < covered.from) await this.readRange(from, covered.from - 1);
        if (to > covered.to) await this.readRange(covered.to + 1, to);
      }
      this.error.value = null;
    } catch (fault) {
      this.error.value = fault as ServerError;
    } finally {
      this.isReading = false;
    }
  }

  private async readRange(from: number, to: number): Promise<void> {
    const ids = new Set(this.ids.peek());
    for (let after = from - 1; after < to; ) {
      const page = await this.read({ after, limit: kPage });
      for (const message of page) if (message.position <= to) ids.add(message.id);
      const last = page.at(-1);
      if (!last) break;
      after = last.position;
    }
    const covered = this.covered.peek();
    const touches = covered && from <= covered.to + 1 && to >= covered.from - 1;
    this.ids.value = ids;
    this.covered.value = touches ? { from: Math.min(from, covered.from), to: Math.max(to, covered.to) } : { from, to };
  }
}
