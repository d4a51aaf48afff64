// The rows of the log.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { useKeys } from '../app/keys';
import { replace, route } from '../app/router';
import type { LogEvent } from '../net/types';
import { now } from '../store/clock';
import type { LogField, LogFilter, LogPlace } from '../store/log';
import { summaryOf, systemName } from '../store/log_text';
import { log } from '../store/screens';
import { dayNumber, timeOfDayMs, wholeTime } from '../store/time_text';
import { UserText } from '../ui/basics';
import { VirtualList, type VirtualListHandle } from '../ui/virtual_list';
import { eventLink, setFilter } from './log';

interface Props {
  handle: { current: VirtualListHandle | null };
  filter: LogFilter;
  selected: number | undefined;
}

const kRowPx = 32;
const kNarrowRowPx = 52;
const kWidePx = 720; // as in log.css
/// Where the list is scrolled to.
export const atTop = signal(false);
export const atEnd = signal(true);

const shortDay = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short' });


export function LogRows({ handle, filter, selected }: Props) {
  const events = log.events.value;
  const select = (index: number) => {
    const event = events[Math.min(Math.max(index, 0), events.length - 1)];
    if (!event) return;
    log.pause();
    replace({ ...route.peek(), screen: 'log', position: event.position });
    handle.current?.scrollToIndex(events.indexOf(event), 'auto');
  };
  const at = events.findIndex(({ position }) => position === selected);
  useKeys('Events', [
    { keys: 'j', words: 'next event', run: () => select(at < 0 ? events.length - 1 : at + 1) },
    { keys: 'k', words: 'previous event', run: () => select(at < 0 ? events.length - 1 : at - 1) },
    ...(selected === undefined
      ? []
      : [{ keys: 'Escape', words: 'close the event', run: () => replace({ ...route.peek(), screen: 'log', position: undefined }) }]),
  ]);
  const hasStarted = useStart(handle, selected);
  const pause = () => log.pause();
  const body = useRef<HTMLDivElement>(null);
  return (
    <div
      ref={body}
      class="log-body"
      role="table"
      aria-label="Events"
      aria-rowcount={-1}
      onWheel={(event) => event.deltaY < 0 && pause()}
      onTouchMove={pause}
      onPointerDown={(event) => (event.target as Element).classList.contains('scroller') && pause()}
      onKeyDown={(event) => /^(PageUp|ArrowUp|Home)$/.test(event.key) && pause()}
    >
      <Head />
      <VirtualList<LogEvent>
        class="log-rows"
        follow={log.isLive.value}
        grows
        items={events}
        keyOf={(event) => event.position}
        estimate={() => (body.current && body.current.clientWidth < kWidePx ? kNarrowRowPx : kRowPx)}
        handle={handle}
        onStart={() => hasStarted.current && !log.isLive.peek() && void log.older()}
        onEnd={() => hasStarted.current && !log.isLive.peek() && void log.newerPage()}
        onScroll={(list) => {
          atTop.value = (body.current?.querySelector('.log-rows')?.scrollTop ?? 0) <= 0;
          atEnd.value = list.isAtEnd();
        }}
        listProps={{ role: 'rowgroup', 'aria-label': 'Events', tabIndex: 0 }}
        itemProps={(event) => ({ role: 'row', 'aria-rowindex': event.position + 1 })}
      >
        {(event) => <Row key={event.position} event={event} filter={filter} isSelected={event.position === selected} />}
      </VirtualList>
    </div>
  );
}

const kColumns = ['Position', 'Time', 'Type', 'Conversation', 'Actor', 'Text'];

function Head() {
  return (
    <div role="rowgroup">
      <div class="log-head muted" role="row" aria-rowindex={1}>
        {kColumns.map((name) => (
          <span key={name} role="columnheader">
            {name}
          </span>
        ))}
      </div>
    </div>
  );
}

/// Where the list begins when it is shown anew: at its end, its start, or what was asked for. What
/// it returns is true from then on: before, the list asks for no more.
function useStart(handle: Props['handle'], selected: number | undefined) {
  const hasStarted = useRef(false);
  useEffect(() => {
    const place = log.place.peek();
    const at = indexOf(place);
    const frame = requestAnimationFrame(() => {
      if (place === 'latest') handle.current?.scrollToEnd();
      else if (at >= 0) handle.current?.scrollToIndex(at, place === 'first' ? 'start' : 'center');
      hasStarted.current = true;
    });
    return () => cancelAnimationFrame(frame);
  }, []);
  useEffect(() => {
    if (selected === undefined || !hasStarted.current) return;
    const at = log.events.peek().findIndex(({ position }) => position === selected);
    if (at >= 0) handle.current?.scrollToIndex(at, 'auto');
  }, [selected]);
  return hasStarted;
}

function indexOf(place: LogPlace): number {
  const events = log.events.peek();
  if (typeof place === 'string') return 0;
  return 'position' in place
    ? events.findIndex(({ position }) => position >= place.position)
    : events.findIndex((event) => Date.parse(event.at) >= place.at);
}

function Row({ event, filter, isSelected }: { event: LogEvent; filter: LogFilter; isSelected: boolean }) {
  const at = Date.parse(event.at);
  const isToday = dayNumber(at) === dayNumber(now.peek());
  const cell = (field: LogField, value: string | undefined) => {
    if (value === undefined) return null;
    const system = systemName(value);
    if (system !== null) return <span class="muted">{system}</span>;
    return (
      <button
        type="button"
        class={`plain log-${field}`}
        tabIndex={isSelected ? 0 : -1}
        title={`Only events with this ${field}`}
        onClick={() => setFilter(filter, field, value)}
      >
        <UserText text={value} />
      </button>
    );
  };
  const open = ({ target }: MouseEvent) => {
    if ((target as Element).closest('a, button') || !getSelection()!.isCollapsed) return;
    log.pause();
    location.hash = eventLink(event.position, filter);
  };
  return (
    <div class={`log-row ${isSelected ? 'selected' : ''}`} data-position={event.position} onClick={open}>
      <span class="log-position" role="cell">
        <a
          href={eventLink(event.position, filter)}
          aria-current={isSelected ? 'true' : undefined}
          tabIndex={isSelected ? 0 : -1}
          onClick={() => log.pause()}
        >
          {event.position}
        </a>
      </span>
      <span role="cell">
        <time class="muted" dateTime={event.at} title={wholeTime(at)}>
          {!isToday && `${shortDay.format(at)} `}
          {timeOfDayMs(at)}
        </time>
      </span>
      <span class="log-cell" role="cell">
        {cell('type', event.type)}
      </span>
      <span class="log-cell" role="cell">
        {cell('conversation', event.conversationId)}
      </span>
      <span class="log-cell" role="cell">
        {cell('user', event.actor)}
      </span>
      <span class="log-cell log-text" role="cell">
        {event.emptied ? <em>emptied by retention</em> : <UserText text={summaryOf(event)} />}
      </span>
    </div>
  );
}
