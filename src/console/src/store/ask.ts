// SQL about the log: one statement at a time, which can be ended.
import { batch, signal } from '@preact/signals';
import type { ServerError } from '../net/server_error';
import type { SqlAnswer, SqlCatalog, SqlQuestion } from '../net/types';

export interface AskParts {
  run(sql: string, ended: AbortSignal): Promise<SqlAnswer>;
  csv(sql: string, ended: AbortSignal): Promise<string>;
  catalog(): Promise<SqlCatalog>;
  now(): number;
  wait(ms: number): Promise<void>;
}

// A statement that was cancelled may hold its asker's place for a moment.
const kPlaceMs = 5_000;
const kPlaceEveryMs = 250;

export class Ask {
  readonly state = signal<'idle' | 'running' | 'ready' | 'cancelled' | ServerError>('idle');
  readonly answer = signal<SqlAnswer | null>(null);
  readonly startedAt = signal(0);
  readonly catalog = signal<SqlCatalog | null>(null);
  readonly catalogError = signal<ServerError | null>(null);
  /// What is being written, also while another screen is shown.
  readonly text = signal('');
  /// What the answer is of.
  asked = '';
  private ended: AbortController | null = null;
  private asker = '';
  private cancelledAt = -Infinity;

  constructor(private readonly parts: AskParts) {}

  /// Another asker starts anew.
  async open(asker: string): Promise<void> {
    if (asker !== this.asker) {
      this.asker = asker;
      this.cancel();
      batch(() => {
        this.answer.value = null;
        this.state.value = 'idle';
        this.catalog.value = null;
      });
    }
    if (this.catalog.value) return;
    try {
      this.catalog.value = await this.parts.catalog();
      this.catalogError.value = null;
    } catch (fault) {
      this.catalogError.value = fault as ServerError;
    }
  }

  /// Runs `sql`, unless something runs.
  async run(sql: string): Promise<void> {
    if (sql.trim() === '' || this.ended) return;
    await this.work(sql, async (ended) => {
      const answer = await this.parts.run(sql, ended);
      return () => {
        this.asked = sql;
        this.answer.value = answer;
      };
    });
  }

  /// The answer as CSV, which is asked for anew. Null: it was ended, or has failed.
  async csv(): Promise<string | null> {
    let csv: string | null = null;
    await this.work(this.asked, async (ended) => {
      const text = await this.parts.csv(this.asked, ended);
      return () => (csv = text);
    });
    return csv;
  }

  cancel(): void {
    if (!this.ended) return;
    this.ended.abort();
    this.ended = null;
    this.cancelledAt = this.parts.now();
    this.state.value = 'cancelled';
  }

  private async work(sql: string, task: (ended: AbortSignal) => Promise<() => void>): Promise<void> {
    if (sql === '' || this.ended) return;
    const ended = (this.ended = new AbortController());
    batch(() => {
      this.startedAt.value = this.parts.now();
      this.state.value = 'running';
    });
    try {
      const show = await this.tried(task, ended.signal);
      if (this.ended !== ended) return;
      batch(() => {
        show();
        this.state.value = 'ready';
      });
    } catch (fault) {
      if (this.ended !== ended) return;
      this.state.value = fault as ServerError;
    }
    this.ended = null;
  }

  private async tried<Result>(task: (ended: AbortSignal) => Promise<Result>, ended: AbortSignal): Promise<Result> {
    for (;;) {
      try {
        return await task(ended);
      } catch (fault) {
        const isPlaceHeld = (fault as ServerError).code === 'busy' && this.parts.now() - this.cancelledAt < kPlaceMs;
        if (!isPlaceHeld || ended.aborted) throw fault;
        await this.parts.wait(kPlaceEveryMs);
      }
    }
  }
}

/// A question's SQL with values in place of its parameters; what is not given has a value that
/// means "all of it", or the name to put something in its place.
export function filledSql({ sql = '', parameters = [], options }: SqlQuestion, given: Record<string, string>): string {
  const valueOf = (name: string): string => {
    const option = options.find((one) => one.name === name);
    switch (name) {
      case 'from_position':
        return '1';
      case 'to_position':
        return '(SELECT head FROM v1_log)';
      case 'to_ms':
        return '(SELECT at_ms FROM v1_event WHERE position = (SELECT head FROM v1_log))';
      case 'at_position':
        return given.at ? `position_at(${quoted(given.at)})` : '(SELECT head FROM v1_log)';
      case 'limit':
        return /^\d+$/.test(given.limit ?? '') ? given.limit! : (option?.default ?? '100');
      default:
        return quoted(given[name] || option?.default || name.toUpperCase());
    }
  };
  return sql.replace(/:([a-z_]+)/g, (whole, name: string) => (parameters.includes(name) ? valueOf(name) : whole)).trim();
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/// The values that a question asks for: those of its options that its SQL uses.
export function askedFor({ options, parameters = [] }: SqlQuestion): { name: string; required: boolean; default?: string }[] {
  return options.filter(({ name }) => parameters.includes(name) || (name === 'at' && parameters.includes('at_position')));
}

/// A cell as text; `isNumber` cells stand at the right.
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
