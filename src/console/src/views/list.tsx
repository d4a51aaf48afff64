// The list of conversations.
import { useRef } from 'preact/hooks';
import { useKeys } from '../app/keys';
import { format, go } from '../app/router';
import type { Conversation } from '../net/types';
import { now } from '../store/clock';
import { identity } from '../store/identity';
import { kRoleNames } from '../store/roles';
import type { Show, Sort } from '../store/list';
import { facts, list, listError, listIsReady, loadList, loadMoreOfList, presence, typists } from '../store/page';
import { count, duration, shortDuration } from '../store/time_text';
import { Empty, ErrorBox, Skeleton, Time, TypingText, UserText } from '../ui/basics';
import { Icon } from '../ui/icon';
import { VirtualList, type VirtualListHandle } from '../ui/virtual_list';
import { waitClass } from './wait';

const kRowPx = 64;

const kSorts: Record<Sort, string> = { waiting: 'Longest waiting', activity: 'Last message', created: 'Newest' };
const kShows: Record<Show, string> = { all: 'All', waiting: 'Waiting', 'without-agent': 'Without agent' };

export function List({ selected }: { selected?: string }) {
  const handle = useRef<VirtualListHandle | null>(null);
  const order = list.order.value;
  const at = selected ? order.indexOf(selected) : -1;
  const move = (step: number) => {
    const next = order[Math.min(Math.max(at + step, 0), order.length - 1)];
    if (next === undefined) return;
    go({ screen: 'conversations', id: next });
    handle.current?.scrollToIndex(order.indexOf(next), 'auto');
  };
  useKeys('List', [
    { keys: 'j', words: 'next conversation', run: () => move(1) },
    { keys: 'k', words: 'previous conversation', run: () => move(-1) },
    { keys: '/', words: 'filter the list', run: () => document.getElementById('list-filter')?.focus() },
  ]);
  return (
    <section
      class="list"
      aria-label="Conversations"
      onPointerEnter={() => (list.held.value = true)}
      onPointerLeave={release}
      onFocusIn={() => (list.held.value = true)}
      onFocusOut={(event) => !event.currentTarget.contains(event.relatedTarget as Node) && release()}
    >
      <Filters />
      {list.changes.value > 0 && (
        <button type="button" class="changes" onClick={() => list.settle()}>
          {count(list.changes.value, 'change')} · show
        </button>
      )}
      <ListRows selected={selected} handle={handle} empty="" />
    </section>
  );
}

// What gathered while the list was held is shown when it is let go.
function release(): void {
  list.held.value = false;
  if (list.changes.value > 0) list.settle();
}

function Filters() {
  const timer = useRef(0);
  const filter = (text: string) => {
    list.filter.value = text;
    clearTimeout(timer.current);
    timer.current = window.setTimeout(loadList, 150);
  };
  return (
    <div class="filters">
      <input
        id="list-filter"
        type="search"
        aria-label="Conversations or participants whose id begins with"
        placeholder="Id of a conversation or a user"
        value={list.filter.value}
        onInput={(event) => filter(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
      <Select label="Show" value={list.show.value} options={kShows} change={(value) => (list.show.value = value)} />
      <Select label="Sort by" value={list.sort.value} options={kSorts} change={(value) => (list.sort.value = value)} />
    </div>
  );
}

function Select<Value extends string>(props: {
  label: string;
  value: Value;
  options: Record<Value, string>;
  change(value: Value): void;
}) {
  const change = (value: string) => {
    props.change(value as Value);
    void loadList();
  };
  return (
    <select aria-label={props.label} value={props.value} onChange={(event) => change(event.currentTarget.value)}>
      {Object.entries<string>(props.options).map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </select>
  );
}

interface RowsProps {
  selected?: string;
  handle?: { current: VirtualListHandle | null };
  empty: string; // what to do where there is nothing; "": how to fill a server
}

export function ListRows({ selected, handle, empty }: RowsProps) {
  if (listError.value && !listIsReady.value) return <ErrorBox error={listError.value} retry={loadList} />;
  if (!listIsReady.value) return <Skeleton tall />;
  list.version.value; // the rows themselves
  const rows = list.order.value.flatMap((id) => list.get(id) ?? []);
  if (rows.length === 0) return empty ? <Empty>{empty}</Empty> : <NoRows />;
  return (
    <VirtualList
      class="list-rows"
      items={rows}
      keyOf={(row) => row.id}
      estimate={() => kRowPx}
      handle={handle}
      onEnd={loadMoreOfList}
      listProps={{ role: 'list' }}
      itemProps={(_, i) => ({ role: 'listitem', 'aria-setsize': rows.length, 'aria-posinset': i + 1 })}
    >
      {(row) => <Row key={row.id} row={row} isSelected={row.id === selected} />}
    </VirtualList>
  );
}

function NoRows() {
  if (list.filter.value || list.show.value !== 'all') return <Empty>No conversation matches.</Empty>;
  return (
    <Empty>
      No conversations yet. <code>parley demo</code> fills a day.{facts.auth === 'none' && ' Or act as a customer, at the top right, and start one.'}
    </Empty>
  );
}

function Row({ row, isSelected }: { row: Conversation; isSelected: boolean }) {
  const wait = row.waitingSince ? now.value - Date.parse(row.waitingSince) : null;
  const at = Date.parse(row.messageCount > 0 ? row.lastMessageAt : row.createdAt);
  const from = row.lastMessage?.fromRole ?? row.lastFromRole;
  const agents = row.agentIds;
  const me = identity.value?.userId;
  const typing = typists.in(row.id, me);
  const looking = (presence.watchers.value.get(row.id) ?? []).filter(({ userId }) => userId !== me).length;
  return (
    <a
      class={`row ${isSelected ? 'selected' : ''}`}
      href={format({ screen: 'conversations', id: row.id })}
      aria-current={isSelected ? 'true' : undefined}
    >
      <span class="row-title">
        <UserText text={row.title ?? row.id} />
      </span>
      <span class="row-time muted">
        {from && <>{kRoleNames[from]} · </>}
        <Time at={at} />
      </span>
      {typing.count > 0 ? (
        <span class="row-preview row-typing">
          <TypingText typing={typing} most={2} />
        </span>
      ) : (
        <Preview row={row} />
      )}
      <span class="row-facts muted">
        {wait !== null && (
          <span class={`wait ${waitClass(wait, facts)}`} title={`Waits for an answer since ${duration(wait)}`}>
            <Icon name="time" />
            {shortDuration(wait)}
          </span>
        )}
        {looking > 0 && (
          <span title={`${count(looking, 'person', 'people')} looking`}>
            <Icon name="eye" />
            {looking}
          </span>
        )}
        {agents && (
          <span class="row-agents">{agents.length > 0 ? <UserText text={agents.join(', ')} /> : 'no agent'}</span>
        )}
      </span>
    </a>
  );
}

function Preview({ row: { lastMessage, messageCount } }: { row: Conversation }) {
  return (
    <span class="row-preview muted">
      {lastMessage ? (
        <>
          {!lastMessage.isVisible && <Icon name="note" />}
          <UserText text={lastMessage.content} />
        </>
      ) : messageCount === 0 ? (
        'No messages yet'
      ) : (
        count(messageCount, 'message')
      )}
    </span>
  );
}
