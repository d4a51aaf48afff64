// How the server is, read anew while somebody looks.
import { batch, signal } from '@preact/signals';
import type { ServerError } from '../net/server_error';
import type { ConsoleStatus } from '../net/types';
import { count, duration, shortDuration } from './time_text';

export interface StatusParts {
  read(): Promise<ConsoleStatus>;
  verify(): Promise<unknown>;
  /// Calls `run` once, later; returns what takes it back.
  later(run: () => void, ms: number): () => void;
}

const kEveryMs = 10_000;
const kVerifyingMs = 500;

export class StatusView {
  readonly status = signal<ConsoleStatus | null>(null);
  readonly error = signal<ServerError | null>(null);
  private watchers = 0;
  private takeBack = () => {};

  constructor(private readonly parts: StatusParts) {}

  /// Reads while somebody watches; returns what ends it.
  watch(): () => void {
    this.watchers += 1;
    if (this.watchers === 1) void this.read();
    return () => {
      this.watchers -= 1;
      if (this.watchers === 0) this.takeBack();
    };
  }

  async read(): Promise<void> {
    this.takeBack();
    try {
      const status = await this.parts.read();
      batch(() => {
        this.status.value = status;
        this.error.value = null;
      });
    } catch (fault) {
      this.error.value = fault as ServerError;
    }
    this.takeBack();
    if (this.watchers === 0) return;
    const ms = this.status.value?.verifying ? kVerifyingMs : kEveryMs;
    this.takeBack = this.parts.later(() => void this.read(), ms);
  }

  async verify(): Promise<void> {
    try {
      await this.parts.verify();
    } catch (fault) {
      this.error.value = fault as ServerError;
      return;
    }
    await this.read();
  }
}

export interface ChainWords {
  is: 'good' | 'bad' | 'running' | 'unknown';
  words: string;
}

const number = (n: number) => n.toLocaleString('en');

/// "Chain good to 42,416 · checked 3 min ago". `now`: of the browser's clock.
export function chainWords(status: ConsoleStatus, now: number): ChainWords {
  const { verified, verifying, verifyFailed, checkedAtStart } = status;
  if (verifying) {
    return { is: 'running', words: `Checking the chain: event ${number(verifying.position)} of ${number(verifying.head)}` };
  }
  const ago = (at: string) => {
    const ms = now - Date.parse(at);
    return ms < 10_000 ? 'checked now' : `checked ${shortDuration(ms)} ago`;
  };
  if (verifyFailed) return { is: 'bad', words: `The chain could not be checked: ${verifyFailed.message}` };
  if (verified && !verified.ok) {
    return { is: 'bad', words: `Chain broken at event ${number(verified.brokenAt ?? 0)} · ${ago(verified.at)} · ${verified.problem}` };
  }
  if (verified) return { is: 'good', words: `Chain good to ${number(verified.position)} · ${ago(verified.at)}` };
  const { events, position } = checkedAtStart;
  if (events === 0) return { is: 'unknown', words: 'Chain not checked since the start' };
  const all = events >= position ? 'all' : 'the last';
  return { is: 'unknown', words: `Chain good at the start: ${all} ${count(events, 'event')} up to ${number(position)}` };
}

/// Until when there is room, as far as the last day tells; null: the data does not grow.
export function roomWords({ diskFreeBytes, growthBytesPerDay }: ConsoleStatus): string | null {
  if (growthBytesPerDay <= 0) return null;
  const days = diskFreeBytes / growthBytesPerDay;
  if (days > 3650) return 'room for more than ten years';
  return days < 2 ? `room for ${duration(days * 86_400_000)}` : `room for ${Math.floor(days)} days`;
}

/// "12.4 MB".
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let size = n / 1000;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}
