// Messages by their words.
import { useEffect, useRef } from 'preact/hooks';
import { useKeys } from '../app/keys';
import { format, go, route } from '../app/router';
import type { Message, SearchAnswer, SearchHit } from '../net/types';
import { labelOf } from '../store/labels';
import { kRoleNames } from '../store/roles';
import { fromLocalInput, toLocalInput } from '../store/local_time';
import { piecesOf } from '../store/marks';
import { asker, search } from '../store/screens';
import { foundWords, kSearchFields, searchQueryOf, type SearchQuery } from '../store/search';
import { count } from '../store/time_text';
import { Empty, ErrorBox, Skeleton, Time, UserText } from '../ui/basics';
import { Icon } from '../ui/icon';
import { VirtualList, type VirtualListHandle } from '../ui/virtual_list';

export function Search() {
  const query = searchQueryOf(route.value.query);
  const who = asker();
  const asked = JSON.stringify(query);
  useEffect(() => void search.run(query, who), [asked, who]);
  const list = useHits();
  return (
    <section class="search" aria-label="Search">
      <h1 class="visually-hidden">Search</h1>
      <SearchForm key={asked} query={query} />
      <Results query={query} handle={list} />
    </section>
  );
}

/// `j` and `k` move among the hits.
function useHits() {
  const handle = useRef<VirtualListHandle | null>(null);
  const focus = (index: number) => {
    const hit = search.hits.value[index];
    if (!hit) return;
    handle.current?.scrollToIndex(index, 'auto');
    requestAnimationFrame(() => document.getElementById(`hit-${hit.position}`)?.focus());
  };
  const move = (step: number) => {
    const at = search.hits.value.findIndex(({ position }) => document.activeElement?.id === `hit-${position}`);
    focus(Math.min(Math.max(at + step, 0), search.hits.value.length - 1));
  };
  // Back leads to the hit that was opened.
  useEffect(() => {
    const at = search.hits.value.findIndex(({ position }) => position === search.opened);
    if (at >= 0) requestAnimationFrame(() => focus(at));
  }, []);
  useKeys('Search', [
    { keys: '/', words: 'what to search for', run: () => document.getElementById('search-words')?.focus() },
    { keys: 'j', words: 'next message', run: () => move(1) },
    { keys: 'k', words: 'previous message', run: () => move(-1) },
  ]);
  return handle;
}

function SearchForm({ query }: { query: SearchQuery }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const given = Object.fromEntries(kSearchFields.map((field) => [field, String(form.get(field) ?? '')]));
    for (const field of ['from', 'to']) given[field] = fromLocalInput(given[field]!);
    go({ screen: 'search', query: searchQueryOf(given) as Record<string, string> });
  };
  const isFiltered = Object.keys(query).some((field) => field !== 'q');
  return (
    <form class="search-form" role="search" onSubmit={submit}>
      <input
        id="search-words"
        name="q"
        type="search"
        dir="auto"
        aria-label="Words that the messages have"
        placeholder={'Words, "a phrase", begin*, -without'}
        maxLength={1024}
        autofocus={!query.q}
        defaultValue={query.q}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
      <button type="submit" class="primary">
        Search
      </button>
      <details class="search-filters" open={isFiltered || matchMedia('(min-width: 720px)').matches}>
        <summary>Filters</summary>
        <div>
          <label>
            Conversation
            <input name="conversation" maxLength={128} placeholder="its id" autocomplete="off" defaultValue={query.conversation} />
          </label>
          <label>
            Author
            <input name="author" maxLength={128} placeholder="id of a user" autocomplete="off" defaultValue={query.author} />
          </label>
          <label>
            From
            <input name="from" type="datetime-local" defaultValue={toLocalInput(query.from)} />
          </label>
          <label>
            To, not included
            <input name="to" type="datetime-local" defaultValue={toLocalInput(query.to)} />
          </label>
        </div>
      </details>
    </form>
  );
}

function Results({ query, handle }: { query: SearchQuery; handle: { current: VirtualListHandle | null } }) {
  const state = search.state.value;
  const answer = search.answer.value;
  const hits = search.hits.value;
  if (state instanceof Error && hits.length === 0) return <SearchError />;
  if (state === 'reading') return <Skeleton tall />;
  if (!answer) {
    return (
      <Empty>
        A message is found that has all of the words, in any case and without accents. Each search is recorded in the
        log.
      </Empty>
    );
  }
  return (
    <>
      <p class="search-sum muted" role="status">
        {foundWords(hits.length, answer)} · <Freshness answer={answer} />
      </p>
      {hits.length === 0 && <Empty>Fewer words, or fewer filters, find more. Only messages are searched, no titles.</Empty>}
      <VirtualList<SearchHit | 'more'>
        class="search-hits"
        items={answer.truncated ? [...hits, 'more'] : hits}
        keyOf={(hit) => (hit === 'more' ? hit : hit.position)}
        estimate={(hit) => (hit === 'more' ? 52 : 76)}
        handle={handle}
        listProps={{ role: 'list', 'aria-label': 'Messages found' }}
        itemProps={(_, i) => ({ role: 'listitem', 'aria-setsize': hits.length, 'aria-posinset': i + 1 })}
      >
        {(hit) => (hit === 'more' ? <More /> : <Hit hit={hit} words={query.q ?? ''} />)}
      </VirtualList>
    </>
  );
}

function SearchError() {
  const error = search.state.value as Error & { code: string };
  return (
    <>
      <ErrorBox error={error as never} retry={() => void search.again()} />
      {error.code === 'not_found' && <Empty>Searching needs the setting audit.follow, which is off.</Empty>}
    </>
  );
}

function Freshness({ answer }: { answer: SearchAnswer }) {
  const { lag } = answer.audit;
  return (
    <>
      searched up to event {answer.upTo.toLocaleString('en')}
      {lag > 0 && (
        <span class="search-lag">
          {' '}
          · <Icon name="warn" /> {count(lag, 'newer event')} not searched yet
        </span>
      )}
    </>
  );
}

function More() {
  const failed = search.state.value instanceof Error;
  return (
    <p class="search-more">
      <button type="button" disabled={search.isReadingMore.value} onClick={() => void search.more()}>
        Show more
      </button>
      {failed && (
        <span class="bad" role="alert">
          {' '}
          {(search.state.value as Error).message}
        </span>
      )}
    </p>
  );
}

function Hit({ hit, words }: { hit: SearchHit; words: string }) {
  const label = labelOf(hit as SearchHit & Message);
  return (
    <a
      id={`hit-${hit.position}`}
      class={`hit kind-${label.kind}`}
      href={format({ screen: 'conversations', id: hit.conversationId, position: hit.position })}
      onClick={() => (search.opened = hit.position)}
    >
      <span class="hit-head">
        <UserText text={hit.fromUserId} class="author" /> <span class="role">{kRoleNames[hit.fromRole]}</span>
        {label.words && <span class="label">{label.words}</span>}
        <span class="muted hit-place">
          <UserText text={hit.conversationId} /> · <Time at={Date.parse(hit.timestamp)} />
        </span>
      </span>
      <bdi class="hit-snippet" dir="auto">
        {piecesOf(hit.snippet, words).map(({ text, isFound }, i) => (isFound ? <mark key={i}>{text}</mark> : text))}
      </bdi>
    </a>
  );
}
