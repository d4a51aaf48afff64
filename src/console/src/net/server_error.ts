import { signal } from '@preact/signals';

/// What docs/errors.md says of the codes; empty until it has been fetched (ui/lazy.tsx).
export const errorTexts = signal<Record<string, { retry: boolean; meaning: string } | undefined>>({});

// Known without the texts, as the outbox asks.
const kPassing = new Set(['busy', 'rate_limited', 'storage_full', 'shutting_down', 'read_timeout', 'offline']);

/// Why a request failed: a refusal of the server, or `offline` where there was no answer.
export class ServerError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
  }

  static from(body: unknown, status: number): ServerError {
    const refusal = body as { code?: unknown; error?: unknown } | undefined;
    if (typeof refusal?.code === 'string') {
      return new ServerError(refusal.code, String(refusal.error ?? refusal.code), refusal as never);
    }
    return new ServerError('unreadable', `The answer cannot be read (HTTP ${status}).`);
  }

  static offline(): ServerError {
    return new ServerError('offline', 'The server does not answer.');
  }

  /// What docs/errors.md says of the code.
  get meaning(): string {
    if (this.code === 'offline') return 'The network or the server is down.';
    return errorTexts.value[this.code]?.meaning ?? '';
  }

  get mayRetry(): boolean {
    return kPassing.has(this.code) || errorTexts.value[this.code]?.retry === true;
  }

  get retryAfterMs(): number {
    return typeof this.details.retryAfterMs === 'number' ? this.details.retryAfterMs : 0;
  }
}
