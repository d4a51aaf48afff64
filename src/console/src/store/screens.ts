// The state of the screens that come with the second file, and what joins it to the server.
import * as rest from '../net/rest';
import type { AsOf, CheckedEvent, Conversation, LogEvent, LogPage, Message, Participant, PastConversation, SearchAnswer } from '../net/types';
import { EventDetail } from './event_detail';
import { identity } from './identity';
import { LogView, type LogFilter, type LogQuery } from './log';
import { named } from './page';
import { Past } from './past';
import { Search } from './search';

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
  const target = rest.path`/chat/conversations/${id}`;
  const seen = (asOf: string, viewer: string) => ({ asOf, viewer: viewer || undefined, ...named() });
  return new Past(id, {
    conversation: () => rest.read<Conversation>(target, named()),
    messages: (query) => rest.read<Message[]>(`${target}/messages`, { ...query, ...named() }),
    async conversationAsOf(asOf, viewer) {
      const { items, headers } = await rest.readPage<PastConversation>(target, seen(asOf, viewer));
      return { conversation: items, asOf: JSON.parse(headers.get('Parley-As-Of')!) as AsOf };
    },
    participantsAsOf: (asOf, viewer) => rest.read<Participant[]>(`${target}/participants`, seen(asOf, viewer)),
    messagesAsOf: (asOf, viewer, query) =>
      rest.read<Message[]>(`${target}/messages`, { ...query, ...seen(asOf, viewer) }),
  });
}

// ---- the log

const kFollowMs = 1_000;
const kFollowPage = 500;

function readLog({ type, conversation, user }: LogFilter, query: LogQuery): Promise<LogPage> {
  return rest.read<LogPage>('/log/events', { type, conversationId: conversation, userId: user, ...query });
}

function followLog(filter: LogFilter, position: number, arrived: (events: LogEvent[]) => void): () => void {
  let after = position;
  let timer = 0;
  let isStopped = false;
  const poll = async () => {
    let hasMore = false;
    try {
      const page = await readLog(filter, { after, limit: kFollowPage });
      if (isStopped) return;
      if (page.events.length > 0) requestAnimationFrame(() => arrived(page.events));
      hasMore = page.next !== null;
      after = page.next?.after ?? page.head;
    } catch {
      // The connection's banner says why.
    }
    if (!isStopped) timer = window.setTimeout(poll, hasMore ? 0 : kFollowMs);
  };
  timer = window.setTimeout(poll, kFollowMs);
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

export const log = new LogView({ read: readLog, follow: followLog });

export const eventDetail = new EventDetail((position, ended) =>
  rest.read<CheckedEvent>(rest.path`/log/events/${position}`, {}, ended),
);
