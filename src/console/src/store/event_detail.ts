// One event of the log, checked by the server.
import { batch, signal } from '@preact/signals';
import type { ServerError } from '../net/server_error';
import type { CheckedEvent } from '../net/types';

export class EventDetail {
  readonly checked = signal<CheckedEvent | null>(null);
  readonly error = signal<ServerError | null>(null);
  private position: number | undefined;
  private ended = new AbortController();

  constructor(private readonly read: (position: number, ended: AbortSignal) => Promise<CheckedEvent>) {}

  /// Shows this event; the one of before stays until it is there. Nothing: none.
  async show(position: number | undefined, { again = false } = {}): Promise<void> {
    if (position === this.position && !again) return;
    this.position = position;
    this.ended.abort();
    const ended = (this.ended = new AbortController());
    if (position === undefined) {
      this.checked.value = null;
      this.error.value = null;
      return;
    }
    try {
      const checked = await this.read(position, ended.signal);
      if (ended.signal.aborted) return;
      batch(() => {
        this.checked.value = checked;
        this.error.value = null;
      });
    } catch (fault) {
      if (ended.signal.aborted) return;
      batch(() => {
        this.checked.value = null;
        this.error.value = fault as ServerError;
      });
    }
  }
}
