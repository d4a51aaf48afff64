// The state of the screens that come with the second file, and what joins it to the server.
import { effect } from '@preact/signals';
import * as rest from '../net/rest';
import type { ServerError } from '../net/server_error';
import * as socket from '../net/socket';
import type { AsOf, CheckedEvent, ConsoleStatus, Conversation, LogEvent, LogPage, Message, Participant, PastConversation, SearchAnswer, SqlAnswer, SqlCatalog } from '../net/types';
import { Ask } from './ask';
import { EventDetail } from './event_detail';
import { identity } from './identity';
import { LogView, matches, type LogFilter, type LogQuery } from './log';
import { named, readerOf } from './page';
import { Past } from './past';
import { Search } from './search';
import { StatusView } from './status';

const kSearchPage = 50;

/// Another asker gets other answers.
export const asker = (): string => `${identity.value?.userId} ${identity.value?.role ?? identity.value?.kind}`;

export const search = new Search(({ q, conversation, author, from, to }, before, ended) =>
  rest.read<SearchAnswer>(
    '/chat/search',
    { q, conversationId: conversation, author, from, to, before, limit: kSearchPage, ...named() },
    ended,
  ),
);

export function makePast(id: string): Past {
  const read = readerOf(id);
  const seen = (asOf: string, viewer: string) => ({ asOf, viewer: viewer || undefined });
  return new Past(id, {
    conversation: () => read<Conversation>(''),
    messages: (query) => read<Message[]>('/messages', query),
    async conversationAsOf(asOf, viewer) {
      const { items, headers } = await rest.readPage<PastConversation>(
        ...rest.ofConversation(id, '', { ...seen(asOf, viewer), ...named() }),
      );
      return { conversation: items, asOf: JSON.parse(headers.get('Parley-As-Of')!) as AsOf };
    },
    participantsAsOf: (asOf, viewer) => read<Participant[]>('/participants', seen(asOf, viewer)),
    messagesAsOf: (asOf, viewer, query) => read<Message[]>('/messages', { ...query, ...seen(asOf, viewer) }),
  });
}

// ---- the log

const kPollMs = 1_000;
const kPollPage = 500;

function readLog({ type, conversation, user }: LogFilter, query: LogQuery): Promise<LogPage> {
  return rest.read<LogPage>('/log/events', { type, conversationId: conversation, userId: user, ...query });
}

interface LogBatch {
  events: LogEvent[];
  upTo: number;
  skippedTo?: number;
}

// A tail is no part of a session: after each loss of the connection it is asked for again, from
// where it had come.
function followLog(filter: LogFilter, position: number, arrived: (events: LogEvent[]) => void, skipped: (to: number) => void): () => void {
  let upTo = position;
  let endPolling: (() => void) | null = null;
  const join = async () => {
    const { type, conversation, user } = filter;
    try {
      await socket.request('join_log', { filter: { type, conversationId: conversation, userId: user }, after: upTo });
    } catch (fault) {
      // No tail is to be had, as there are so many: then by asking.
      if ((fault as ServerError).code !== 'offline') endPolling ??= pollLog(filter, upTo, arrived);
    }
  };
  const off = socket.on<LogBatch>('log_events', (batch) => {
    if (batch.skippedTo !== undefined) skipped(batch.skippedTo);
    // The last batch of the tail before this one may come late.
    const events = batch.events.filter((event) => event.position > upTo && matches(filter, event));
    upTo = Math.max(upTo, batch.upTo);
    if (events.length > 0) arrived(events);
  });
  const unwatch = effect(() => {
    if (socket.link.value.is === 'online') void join();
  });
  return () => {
    off();
    unwatch();
    endPolling?.();
    socket.request('leave_log').catch(() => {});
  };
}

function pollLog(filter: LogFilter, position: number, arrived: (events: LogEvent[]) => void): () => void {
  let after = position;
  let timer = 0;
  let isStopped = false;
  const poll = async () => {
    let hasMore = false;
    try {
      const page = await readLog(filter, { after, limit: kPollPage });
      if (isStopped) return;
      if (page.events.length > 0) requestAnimationFrame(() => arrived(page.events));
      hasMore = page.next !== null;
      after = page.next?.after ?? page.head;
    } catch {
      // The connection's banner says why.
    }
    if (!isStopped) timer = window.setTimeout(poll, hasMore ? 0 : kPollMs);
  };
  timer = window.setTimeout(poll, kPollMs);
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

export const log = new LogView({ read: readLog, follow: followLog });

export const eventDetail = new EventDetail((position, ended) =>
  rest.read<CheckedEvent>(rest.path`/log/events/${position}`, {}, ended),
);

// ---- the status

export const status = new StatusView({
  read: () => rest.read<ConsoleStatus>('/console/status'),
  verify: () => rest.send('/console/verify', {}),
  later: (run, ms) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});

// ---- SQL

const kSqlAnswerMs = 120_000; // the server ends a statement long before

const runSql = (sql: string, format: 'json' | 'csv', signal: AbortSignal) =>
  rest.call('POST', rest.pathWith('/console/sql', named()), { body: { sql, format }, signal, answerMs: kSqlAnswerMs });

export const ask = new Ask({
  run: async (sql, ended) => (await (await runSql(sql, 'json', ended)).json()) as SqlAnswer,
  csv: async (sql, ended) => (await runSql(sql, 'csv', ended)).text(),
  catalog: () => rest.read<SqlCatalog>('/console/questions'),
  now: () => Date.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});
