// The state of the screens that come with the second file, and what joins it to the server.
import * as rest from '../net/rest';
import type { AsOf, Conversation, Message, Participant, PastConversation, SearchAnswer } from '../net/types';
import { identity } from './identity';
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
