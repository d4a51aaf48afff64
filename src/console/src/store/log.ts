// The part of the log that is in memory: a window of events, the newest last. While it is live the
// newest events come to it; while it is paused they are counted.
import { batch, signal } from '@preact/signals';
import type { ServerError } from '../net/server_error';
import type { LogEvent, LogPage } from '../net/types';

export const kLogFields = ['type', 'conversation', 'user'] as const;
export type LogField = (typeof kLogFields)[number];
/// As it is in the address.
export type LogFilter = Partial<Record<LogField, string>>;

/// Where to look: at one end, or around a position or a time (ms).
export type LogPlace = 'latest' | 'first' | { position: number } | { at: number };

export interface LogQuery {
  before?: number | string;
  after?: number | string;
  limit: number;
}

export interface LogParts {
  read(filter: LogFilter, query: LogQuery): Promise<LogPage>;
  /// Calls `arrived` with what comes after `position`, and `skipped` where it could not keep up.
  follow(filter: LogFilter, position: number, arrived: (events: LogEvent[]) => void, skipped: (to: number) => void): () => void;
}

export const kEventsMax = 2_000;
const kPage = 200;
/// So many pages without an event are read at once; a filter may find nothing in a long log.
const kEmptyPages = 20;

export function logFilterOf(query: Record<string, string>): LogFilter {
  const filter: LogFilter = {};
  for (const field of kLogFields) if (query[field]) filter[field] = query[field];
  return filter;
}

export function matches({ type, conversation, user }: LogFilter, event: LogEvent): boolean {
  return (
    (!type || type.split(',').includes(event.type)) &&
    (!conversation || event.conversationId === conversation) &&
    (!user || event.actor === user)
  );
}

interface Walk {
  events: LogEvent[];
  next: number | null; // where to go on
  head: number;
}

export class LogView {
  readonly events = signal<readonly LogEvent[]>([]);
  readonly state = signal<'loading' | 'ready' | ServerError>('loading');
  readonly isLive = signal(false);
  /// Events that came while the view was paused.
  readonly newer = signal(0);
  /// Where a tail that could not keep up went on; null: nothing was left out.
  readonly skippedTo = signal<number | null>(null);
  readonly reading = signal<'older' | 'newer' | null>(null);
  /// Counts what was shown anew: the list begins again.
  readonly shown = signal(0);
  readonly place = signal<LogPlace>('latest');
  private readonly olderFrom = signal<number | null>(null);
  private readonly newerFrom = signal<number | null>(null);
  private filter: LogFilter = {};
  private generation = 0;
  private unfollow = () => {};

  constructor(private readonly parts: LogParts) {}

  get hasOlder(): boolean {
    return this.olderFrom.value !== null;
  }
  get hasNewer(): boolean {
    return this.newerFrom.value !== null;
  }

  has(position: number): boolean {
    return this.events.value.some((event) => event.position === position);
  }

  async open(filter: LogFilter, place: LogPlace): Promise<void> {
    const generation = ++this.generation;
    this.unfollow();
    this.filter = filter;
    batch(() => {
      if (this.events.value.length === 0 || this.state.value !== 'ready') this.state.value = 'loading';
      this.isLive.value = false;
      this.newer.value = 0;
      this.skippedTo.value = null;
      this.reading.value = null;
    });
    try {
      const { older, newer } = await this.readAround(place);
      if (generation !== this.generation) return;
      batch(() => {
        this.events.value = [...older.events, ...newer.events];
        this.olderFrom.value = older.next;
        this.newerFrom.value = newer.next;
        this.isLive.value = place === 'latest';
        this.place.value = place;
        this.state.value = 'ready';
        this.shown.value += 1;
      });
      const known = Math.min(older.head, newer.head);
      this.unfollow = this.parts.follow(
        filter,
        known,
        (events) => generation === this.generation && this.arrived(events),
        (to) => generation === this.generation && (this.skippedTo.value = to),
      );
    } catch (fault) {
      if (generation !== this.generation) return;
      batch(() => {
        this.events.value = [];
        this.state.value = fault as ServerError;
      });
    }
  }

  close(): void {
    this.generation += 1;
    this.unfollow();
    this.unfollow = () => {};
  }

  pause(): void {
    this.isLive.value = false;
  }

  /// Goes to the newest events and stays there.
  async resume(): Promise<void> {
    if (!this.hasNewer && this.newer.value === 0 && this.state.value === 'ready') this.isLive.value = true;
    else await this.open(this.filter, 'latest');
  }

  async older(): Promise<void> {
    const from = this.olderFrom.value;
    if (from === null) return;
    await this.readMore('older', { before: from }, (walk) => {
      const all = [...walk.events, ...this.events.value];
      this.olderFrom.value = walk.next;
      if (all.length > kEventsMax) {
        this.isLive.value = false;
        this.newerFrom.value = all[kEventsMax - 1]!.position;
      }
      this.events.value = all.slice(0, kEventsMax);
    });
  }

  async newerPage(): Promise<void> {
    const from = this.newerFrom.value;
    if (from === null) return;
    await this.readMore('newer', { after: from }, (walk) => {
      const all = merged(this.events.value, walk.events);
      this.newerFrom.value = walk.next;
      // What was counted has been read by now.
      if (walk.next === null) this.newer.value = 0;
      this.keepNewest(all);
    });
  }

  private arrived(events: readonly LogEvent[]): void {
    // What was read while the tail began is here already.
    const last = this.hasNewer ? 0 : (this.events.value.at(-1)?.position ?? 0);
    const news = events.filter(({ position }) => position > last);
    if (news.length === 0) return;
    batch(() => {
      if (this.isLive.value) return this.keepNewest([...this.events.value, ...news]);
      this.newer.value += news.length;
      // The window no longer reaches to the end of the log.
      if (this.newerFrom.value === null) this.newerFrom.value = last;
    });
  }

  private keepNewest(all: readonly LogEvent[]): void {
    const kept = all.length > kEventsMax ? all.slice(-kEventsMax) : all;
    if (kept.length < all.length) this.olderFrom.value = kept[0]!.position;
    this.events.value = kept;
  }

  private async readMore(which: 'older' | 'newer', query: Omit<LogQuery, 'limit'>, add: (walk: Walk) => void): Promise<void> {
    if (this.reading.value) return;
    const generation = this.generation;
    this.reading.value = which;
    try {
      const walk = await this.walk(query);
      if (generation === this.generation) batch(() => add(walk));
    } catch {
      // The banner of the connection says why; the buttons try again.
    } finally {
      if (generation === this.generation) this.reading.value = null;
    }
  }

  private async readAround(place: LogPlace): Promise<{ older: Walk; newer: Walk }> {
    const nothing = { events: [], next: null, head: Infinity };
    if (place === 'latest') return { older: await this.walk({}), newer: nothing };
    if (place === 'first') return { older: nothing, newer: await this.walk({ after: 0 }) };
    const [before, after] =
      'position' in place
        ? [place.position, place.position - 1]
        : [new Date(place.at).toISOString(), new Date(place.at - 1).toISOString()];
    const [older, newer] = await Promise.all([this.walk({ before }), this.walk({ after })]);
    return { older, newer };
  }

  /// A page, and further ones while they are empty. The events in the order of the log.
  private async walk(query: Omit<LogQuery, 'limit'>): Promise<Walk> {
    let page = await this.parts.read(this.filter, { ...query, limit: kPage });
    const { head } = page; // what came since is followed
    for (let i = 1; i < kEmptyPages && page.events.length === 0 && page.next; ++i) {
      page = await this.parts.read(this.filter, { ...page.next, limit: kPage });
    }
    const events = query.after === undefined ? [...page.events].reverse() : page.events;
    return { events, next: page.next?.before ?? page.next?.after ?? null, head };
  }
}

/// Both in the order of the log; what is in both once.
function merged(events: readonly LogEvent[], added: readonly LogEvent[]): readonly LogEvent[] {
  const last = events.at(-1)?.position ?? 0;
  const news = added.filter(({ position }) => position > last);
  return news.length === 0 ? events : [...events, ...news];
}
