// A conversation as of any moment of its life.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useKeys } from '../app/keys';
import { format, go, replace, route } from '../app/router';
import { ServerError } from '../net/server_error';
import { now } from '../store/clock';
import { rights } from '../store/identity';
import { kRoleNames } from '../store/roles';
import { list } from '../store/page';
import { tickPath, type Instant, type Moment, type Past, type Seen } from '../store/past';
import { asker, makePast } from '../store/screens';
import type { Line } from '../store/timeline';
import { count, dayNumber, dayOf, timeOfDaySeconds } from '../store/time_text';
import { Empty, ErrorBox, Skeleton, UserText } from '../ui/basics';
import { Icon } from '../ui/icon';
import { Jump } from '../ui/jump';
import { VirtualList } from '../ui/virtual_list';
import { linesOfRoom, LineView } from './lines';

const kSettledMs = 200; // a slider that moves asks nothing: each question is recorded
const kOffered = 20;

export function TimeTravel() {
  const { id } = route.value;
  return id === undefined ? <Choose /> : <Travel key={`${id} ${asker()}`} id={id} />;
}

function Choose() {
  const open = (event: SubmitEvent) => {
    event.preventDefault();
    const id = String(new FormData(event.currentTarget as HTMLFormElement).get('id')).trim();
    if (id) go({ screen: 'time', id });
  };
  const offered = list.order.value.slice(0, kOffered).flatMap((id) => list.get(id) ?? []);
  return (
    <section class="time" aria-label="Time">
      <h1 class="visually-hidden">Time</h1>
      <form class="filters" onSubmit={open}>
        <input name="id" aria-label="Id of a conversation" placeholder="Id of a conversation" maxLength={128} required />
        <button type="submit" class="primary">
          Open
        </button>
      </form>
      <Empty>
        What did the customer see at 14:03? Choose a conversation, then move through its life. Each moment that you look
        at is recorded in the log.
      </Empty>
      <ul class="time-offers" aria-label="Conversations">
        {offered.map(({ id, title }) => (
          <li key={id}>
            <a class="row single" href={format({ screen: 'time', id })}>
              <UserText text={title ?? id} class="row-title" /> {title && <code class="muted">{id}</code>}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Travel({ id }: { id: string }) {
  const past = useMemo(() => makePast(id), [id]);
  useEffect(() => void past.open(), [past]);
  const { position, query } = route.value;
  const viewer = query.viewer ?? '';
  const isKnown = past.conversation.value !== null;
  useEffect(() => {
    if (!isKnown) return;
    const seen = past.seen.peek();
    if (seen && seen.position === position && seen.viewer === viewer) return;
    void past.look(position === undefined ? { at: past.end.peek() || past.begin.peek() } : { position }, viewer);
  }, [past, isKnown, position, viewer]);

  const state = past.state.value;
  const seen = past.seen.value;
  return (
    <section class="time" aria-label="Time" aria-busy={past.isLooking.value}>
      <Head past={past} viewer={viewer} />
      {isKnown && <Controls past={past} viewer={viewer} />}
      {state instanceof ServerError ? (
        <Failure past={past} error={state} viewer={viewer} />
      ) : seen ? (
        <>
          <Banner id={id} seen={seen} />
          <Messages key={`${seen.position} ${seen.viewer}`} seen={seen} />
        </>
      ) : (
        <Skeleton rows={6} tall />
      )}
    </section>
  );
}

function show(past: Past, position: number | undefined, viewer: string): void {
  replace({ screen: 'time', id: past.id, position, query: viewer ? { viewer } : {} });
}

function Head({ past, viewer }: { past: Past; viewer: string }) {
  const title = past.conversation.value?.title;
  const people = [...past.people.value].sort(([a], [b]) => (a < b ? -1 : 1));
  const isUnknown = viewer !== '' && !past.people.value.has(viewer);
  return (
    <header class="conversation-head">
      <div class="conversation-names">
        <h1>
          <UserText text={title ?? past.id} />
        </h1>
        <p class="muted">
          <a href={format({ screen: 'time' })}>Another conversation</a> ·{' '}
          <a href={format({ screen: 'conversations', id: past.id })}>To the present</a>
        </p>
      </div>
      {rights.value.viewAs && (
        <label class="time-viewer">
          As seen by{' '}
          <select
            value={viewer}
            onChange={(event) => show(past, past.seen.value?.position ?? route.value.position, event.currentTarget.value)}
          >
            <option value="">yourself</option>
            {isUnknown && <option value={viewer}>{viewer}</option>}
            {people.map(([id, role]) => (
              <option key={id} value={id}>
                {id} ({kRoleNames[role].toLowerCase()})
              </option>
            ))}
          </select>
        </label>
      )}
    </header>
  );
}

function Controls({ past, viewer }: { past: Past; viewer: string }) {
  const slider = useRef<HTMLInputElement>(null);
  const timer = useRef(0);
  const [begin, end] = [past.begin.value, past.end.value];
  const at = Math.min(Math.max(past.seen.value?.at ?? end, begin), end);
  const position = past.seen.value?.position;
  const seen: Instant = { at, position };
  /// Where the slider is: it may be further than what has been read.
  const aim = useRef(seen);
  const ticks = past.ticks.value;
  const path = useMemo(() => tickPath(ticks, begin, end), [ticks, begin, end]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const look = async (moment: Moment) => {
    clearTimeout(timer.current);
    await past.look(moment, viewer);
    const found = past.seen.peek();
    if (found) show(past, found.position, viewer);
  };
  const aimAt = (moment: Instant) => {
    aim.current = moment;
    slider.current!.value = String(moment.at);
    slider.current!.setAttribute('aria-valuetext', `${momentText(moment.at)}, ${count(past.writtenBy(moment), 'message')} written`);
  };
  const slide = (to: Instant) => {
    aimAt(to);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => void look(to), kSettledMs);
  };
  const step = (direction: -1 | 1) => {
    const tick = past.step(aim.current, direction);
    if (tick) slide(tick);
  };
  useEffect(() => aimAt(seen), [at, position, begin, end]);
  useKeys('Time', [
    { keys: '[', words: 'previous message', run: () => step(-1) },
    { keys: ']', words: 'next message', run: () => step(1) },
    { keys: '/', words: 'go to a time or a position', run: () => document.getElementById('time-jump')?.focus() },
    ...(viewer ? [{ keys: 'Escape', words: 'as seen by yourself', run: () => show(past, route.value.position, '') }] : []),
  ]);
  const keyDown = (event: KeyboardEvent) => {
    const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key] as -1 | 1 | undefined;
    if (!direction) return;
    event.preventDefault();
    step(direction);
  };
  return (
    <div class="time-controls">
      <button type="button" aria-label="Previous message" title="Previous message" disabled={!past.step(seen, -1)} onClick={() => step(-1)}>
        <Icon name="back" />
      </button>
      <div class="time-life">
        <svg class="time-ticks" viewBox="0 0 1000 24" preserveAspectRatio="none" aria-hidden="true">
          <path d={path} />
        </svg>
        <input
          ref={slider}
          type="range"
          aria-label="Moment"
          min={begin}
          max={end}
          step={1}
          disabled={!(end > begin)}
          onInput={(event) => slide({ at: Number(event.currentTarget.value) })}
          onKeyDown={keyDown}
        />
        <p class="muted">
          <span>{momentText(begin)}</span>
          <span class="time-legend">
            {past.hasMoreTicks.value ? `The newest ${count(ticks.length, 'message')}` : count(ticks.length, 'message')}:
            customers above, others below
          </span>
          <span>{momentText(end)}</span>
        </p>
      </div>
      <button type="button" aria-label="Next message" title="Next message" disabled={!past.step(seen, 1)} onClick={() => step(1)}>
        <span class="time-next">
          <Icon name="back" />
        </span>
      </button>
      <Jump
        id="time-jump"
        label="Go to a time or a position"
        go={(place) => void look('at' in place ? { at: Math.min(Math.max(place.at, begin), end) } : place)}
      />
    </div>
  );
}

/// "14:03:21", with its day where that is not today.
function momentText(at: number): string {
  if (!Number.isFinite(at)) return '';
  const time = timeOfDaySeconds(at);
  return dayNumber(at) === dayNumber(now.value) ? time : `${dayOf(at, now.value)}, ${time}`;
}

function Banner({ id, seen }: { id: string; seen: Seen }) {
  return (
    <p class="banner time-banner" role="status">
      <Icon name="time" />
      <span class="grow">
        <strong>
          You see <time dateTime={new Date(seen.at).toISOString()}>{momentText(seen.at)}</time>, not now.
        </strong>{' '}
        Writing is off. {seen.viewer && <>This is what <UserText text={seen.viewer} /> could see.</>}
      </span>
      {rights.value.log && <a href={format({ screen: 'log', position: seen.position })}>event {seen.position.toLocaleString('en')}</a>}
      <a href={format({ screen: 'conversations', id })}>Back to now</a>
    </p>
  );
}

function Failure({ past, error, viewer }: { past: Past; error: ServerError; viewer: string }) {
  if (error.code === 'conversation_not_found' && viewer && past.conversation.value) {
    return (
      <Empty>
        <UserText text={viewer} /> could not see this conversation at that moment.
      </Empty>
    );
  }
  const again = () => void (past.conversation.value ? past.look({ at: past.end.value }, viewer) : past.open());
  return <ErrorBox error={error} retry={again} />;
}

function Messages({ seen: { room } }: { seen: Seen }) {
  const lines = linesOfRoom(room);
  const typing = [...room.typing.value.values()].map(({ name }) => name);
  return (
    <div class="messages past">
      {lines.length === 0 ? (
        <Empty>Nothing had been written yet.</Empty>
      ) : (
        <VirtualList<Line>
          class="message-list"
          follow
          items={lines}
          keyOf={(line) => line.key}
          estimate={(line) => (line.kind === 'message' ? (line.leads ? 52 : 28) : 32)}
          onStart={() => void room.loadOlder()}
          listProps={{ role: 'list', 'aria-label': 'Messages as of this moment', tabIndex: 0 }}
          itemProps={(_, i) => ({ role: 'listitem', 'aria-setsize': lines.length, 'aria-posinset': i + 1 })}
        >
          {(line) => <LineView key={line.key} line={line} room={room} isReadOnly />}
        </VirtualList>
      )}
      <p class="typing-line muted">
        {typing.length > 0 && (
          <>
            <UserText text={typing.join(', ')} /> {typing.length > 1 ? 'were typing' : 'was typing'}
          </>
        )}
      </p>
    </div>
  );
}
