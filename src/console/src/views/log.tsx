// The log: every event, the newest last, live.
import { useEffect, useRef } from 'preact/hooks';
import { useKeys } from '../app/keys';
import { format, go, replace, route } from '../app/router';
import { ServerError } from '../net/server_error';
import { kLogFields, logFilterOf, type LogField, type LogFilter } from '../store/log';
import { asker, eventDetail, log } from '../store/screens';
import { Empty, ErrorBox, IconButton, Skeleton, UserText } from '../ui/basics';
import { Icon } from '../ui/icon';
import { Jump, type Place } from '../ui/jump';
import type { VirtualListHandle } from '../ui/virtual_list';
import { Chain } from './chain';
import { EventPane } from './event_pane';
import { atEnd, atTop, LogRows } from './log_rows';

type Handle = { current: VirtualListHandle | null };

export function Log() {
  const { position, query } = route.value;
  const filter = logFilterOf(query);
  const filterText = JSON.stringify(filter);
  const handle: Handle = useRef<VirtualListHandle | null>(null);
  const who = asker();
  useEffect(() => {
    void log.open(filter, position === undefined ? 'latest' : { position });
    return () => log.close();
  }, [filterText, who]);
  useEffect(() => void eventDetail.show(position), [position]);
  useEffect(() => {
    if (position === undefined || log.state.peek() !== 'ready' || log.has(position)) return;
    void log.open(filter, { position });
  }, [position]);
  return (
    <section class={`log ${position === undefined ? '' : 'has-open'}`} aria-label="Log">
      <h1 class="visually-hidden">Log</h1>
      <div class="log-list">
        <Chain />
        <Tools handle={handle} filter={filter} />
        <Chips filter={filter} />
        <Body handle={handle} filter={filter} />
      </div>
      {position !== undefined && <EventPane position={position} filter={filter} />}
    </section>
  );
}

function Body({ handle, filter }: { handle: Handle; filter: LogFilter }) {
  const state = log.state.value;
  const { position } = route.value;
  if (state instanceof ServerError) {
    return <ErrorBox error={state} retry={() => void log.open(filter, position === undefined ? 'latest' : { position })} />;
  }
  if (state === 'loading') return <Skeleton rows={12} />;
  if (log.events.value.length === 0) {
    if (Object.keys(filter).length === 0) return <Empty>The log is empty. Each message becomes an event here.</Empty>;
    return (
      <Empty>
        {log.hasOlder ? 'No event among the newest matches. “Older” goes on looking.' : 'No event matches.'}
      </Empty>
    );
  }
  return <LogRows key={log.shown.value} handle={handle} filter={filter} selected={position} />;
}

/// Where the list stands, for the buttons that lead elsewhere.
function useTools(handle: Handle, filter: LogFilter) {
  const scroller = () => document.querySelector<HTMLElement>('.log-rows');
  const page = async (direction: -1 | 1) => {
    log.pause();
    const element = scroller();
    if (!element) return void (await (direction < 0 ? log.older() : log.newerPage()));
    const isAtStart = element.scrollTop <= 0;
    if (direction < 0 && isAtStart) await log.older();
    if (direction > 0 && handle.current?.isAtEnd()) await log.newerPage();
    element.scrollBy({ top: direction * element.clientHeight * 0.9 });
  };
  return {
    first: () => void log.open(filter, 'first'),
    older: () => void page(-1),
    newer: () => void page(1),
    latest: () => {
      void log.resume();
      requestAnimationFrame(() => handle.current?.scrollToEnd());
    },
    pause: () => (log.isLive.value ? log.pause() : void log.resume()),
  };
}

function Tools({ handle, filter }: { handle: Handle; filter: LogFilter }) {
  const { first, older, newer, latest, pause } = useTools(handle, filter);
  const isLive = log.isLive.value;
  const isEmpty = log.events.value.length === 0;
  const isFirst = !log.hasOlder && (isEmpty || atTop.value);
  const isLast = isLive || (!log.hasNewer && (isEmpty || atEnd.value));
  useKeys('Log', [
    { keys: '.', words: 'pause, go on', run: pause },
    { keys: '[', words: 'older', run: older },
    { keys: ']', words: 'newer', run: newer },
    { keys: 'G', words: 'latest', run: latest },
    { keys: 'End', words: 'latest', run: latest },
    { keys: '/', words: 'jump to a position or a time', run: () => document.getElementById('log-jump')?.focus() },
  ]);
  return (
    <div class="log-tools" role="toolbar" aria-label="Log">
      <IconButton icon={isLive ? 'pause' : 'play'} label={isLive ? 'Pause' : 'Live'} words onClick={pause} />
      <button type="button" disabled={isFirst} onClick={first}>
        First
      </button>
      <button type="button" disabled={isFirst} onClick={older}>
        Older
      </button>
      <button type="button" disabled={isLast} onClick={newer}>
        Newer
      </button>
      <button type="button" disabled={isLive} onClick={latest}>
        Latest
      </button>
      <Jump id="log-jump" label="Jump to a position or a time" go={jump} />
      <span class="grow" />
      <State latest={latest} />
    </div>
  );
}

function jump(place: Place): void {
  const { query } = route.peek();
  if ('position' in place) go({ screen: 'log', position: place.position, query });
  else void log.open(logFilterOf(query), place);
}

function State({ latest }: { latest(): void }) {
  const newer = log.newer.value;
  const skipped = log.skippedTo.value;
  return (
    <>
      {skipped !== null && (
        <span class="log-skipped">
          <Icon name="warn" /> Too many to show: went on at event {skipped.toLocaleString('en')}.
        </span>
      )}
      {log.isLive.value ? (
        <span class="good">
          <span class="dot on" aria-hidden="true" /> Live
        </span>
      ) : newer > 0 ? (
        <button type="button" class="primary" onClick={latest}>
          <Icon name="down" /> {newer.toLocaleString('en')} newer
        </button>
      ) : (
        <span class="muted">Paused</span>
      )}
    </>
  );
}

const kNames: Record<LogField, string> = { type: 'Type', conversation: 'Conversation', user: 'Actor' };

export function setFilter(filter: LogFilter, field: LogField, value: string | undefined): void {
  const query = { ...filter, [field]: value } as Record<string, string>;
  if (value === undefined) delete query[field];
  replace({ ...route.peek(), screen: 'log', query });
}

function Chips({ filter }: { filter: LogFilter }) {
  const chosen = kLogFields.filter((field) => filter[field]);
  if (chosen.length === 0) return null;
  return (
    <ul class="log-chips" aria-label="Filters">
      {chosen.map((field) => (
        <li key={field}>
          <button type="button" onClick={() => setFilter(filter, field, undefined)} title="Remove this filter">
            <span class="muted">{kNames[field]}</span> <UserText text={filter[field]!} /> <Icon name="cross" />
            <span class="visually-hidden">, remove this filter</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

export const eventLink = (position: number, filter: LogFilter) =>
  format({ screen: 'log', position, query: filter as Record<string, string> });
