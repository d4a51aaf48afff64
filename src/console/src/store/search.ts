// Searching messages by their words. Each search is recorded in the log, so none is made before
// somebody asks for it.
import { batch, signal } from '@preact/signals';
import type { ServerError } from '../net/server_error';
import type { SearchAnswer, SearchHit } from '../net/types';
import { count } from './time_text';

export const kSearchFields = ['q', 'conversation', 'author', 'from', 'to'] as const;
export type SearchField = (typeof kSearchFields)[number];
/// What is asked for, as it is in the address: times in UTC; what is not given is absent.
export type SearchQuery = Partial<Record<SearchField, string>>;

export type SearchState = 'idle' | 'reading' | 'ready' | ServerError;
export type SearchRead = (query: SearchQuery, before: number | undefined, ended: AbortSignal) => Promise<SearchAnswer>;

export function searchQueryOf(given: Record<string, string>): SearchQuery {
  const query: SearchQuery = {};
  for (const field of kSearchFields) if (given[field]?.trim()) query[field] = given[field]!.trim();
  return query;
}

export class Search {
  readonly state = signal<SearchState>('idle');
  readonly hits = signal<readonly SearchHit[]>([]);
  readonly answer = signal<SearchAnswer | null>(null);
  readonly isReadingMore = signal(false);
  /// The hit that was opened last: Back leads to it.
  opened: number | null = null;
  private asked = '';
  private query: SearchQuery = {};
  private ended = new AbortController();

  constructor(private readonly read: SearchRead) {}

  /// Searches, unless this is what was searched for last. `asker`: another one gets another answer.
  async run(query: SearchQuery, asker: string): Promise<void> {
    const asked = JSON.stringify([asker, query]);
    if (asked === this.asked) return;
    this.asked = asked;
    this.query = query;
    this.opened = null;
    this.ended.abort();
    const ended = (this.ended = new AbortController());
    batch(() => {
      this.hits.value = [];
      this.answer.value = null;
      this.isReadingMore.value = false;
      this.state.value = query.q ? 'reading' : 'idle';
    });
    if (query.q) await this.readPage(undefined, ended);
  }

  async more(): Promise<void> {
    const last = this.hits.value.at(-1);
    if (!last || !this.answer.value?.truncated || this.isReadingMore.value) return;
    this.isReadingMore.value = true;
    await this.readPage(last.position, this.ended);
  }

  /// Asks once more what failed.
  async again(): Promise<void> {
    this.state.value = 'reading';
    await this.readPage(this.hits.value.at(-1)?.position, this.ended);
  }

  private async readPage(before: number | undefined, ended: AbortController): Promise<void> {
    try {
      const answer = await this.read(this.query, before, ended.signal);
      if (ended.signal.aborted) return;
      batch(() => {
        this.answer.value = answer;
        this.hits.value = [...this.hits.value, ...answer.hits];
        this.state.value = 'ready';
        this.isReadingMore.value = false;
      });
    } catch (fault) {
      if (ended.signal.aborted) return;
      batch(() => {
        this.state.value = fault as ServerError;
        this.isReadingMore.value = false;
      });
    }
  }
}

/// "12 messages", "50 of 230 messages".
export function foundWords(shown: number, { total, truncated }: SearchAnswer): string {
  if (shown === 0) return 'No message matches.';
  if (total !== undefined && total > shown) return `${shown} of ${count(total, 'message')}`;
  return truncated ? `The newest ${count(shown, 'message')}; there are more` : count(shown, 'message');
}
