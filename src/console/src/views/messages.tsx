// The messages of a conversation, as far as they are in view.
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useKeys } from '../app/keys';
import { route } from '../app/router';
import { identity } from '../store/identity';
import { kRoleNames } from '../store/roles';
import { outbox } from '../store/page';
import { now } from '../store/clock';
import type { Outgoing } from '../store/outbox';
import type { Room } from '../store/room';
import type { Line } from '../store/timeline';
import { count, dayOf } from '../store/time_text';
import { Empty, TypingText } from '../ui/basics';
import { Icon } from '../ui/icon';
import { VirtualList, type VirtualListHandle } from '../ui/virtual_list';
import { lineIndexOf, linesOfRoom, LineView } from './lines';
import { OutgoingRow } from './outgoing_row';
import { focusLastShare } from './share';

type Item = Line | { kind: 'outgoing'; key: string; outgoing: Outgoing };

const kAnnouncedMs = 5_000;
const announcement = signal('');

export function Messages({ room }: { room: Room }) {
  const handle = useRef<VirtualListHandle | null>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const [seen, setSeen] = useState(0);
  const messages = room.window.messages.value;
  const items = itemsOf(room);
  const last = messages.at(-1);
  const reachesPresent = !room.window.hasNewer.value;
  const unseen = messages.filter((one) => one.position > seen).length + room.window.arrivedAway.value;
  const isReadingEnd = isAtEnd && reachesPresent && !document.hidden;

  useEffect(() => {
    if (isReadingEnd && last) setSeen(last.position);
    else if (last && seen > 0 && last.position > seen) noteNew(room, seen);
  }, [last?.position, isReadingEnd]);
  useAnnouncements(room);
  useJump(room, handle, items);

  const toPresent = async () => {
    if (!reachesPresent) await room.jumpTo();
    requestAnimationFrame(() => handle.current?.scrollToEnd());
  };
  useEffect(() => {
    if (room.sent.value > 0) void toPresent();
  }, [room.sent.value]);
  const toNew = () => {
    const at = items.findIndex(({ kind }) => kind === 'new');
    if (at >= 0) handle.current?.scrollToIndex(at, 'start');
  };
  useKeys('Messages', [
    { keys: 'G', words: 'to the present', run: () => void toPresent() },
    { keys: 'End', words: 'to the present', run: () => void toPresent() },
    { keys: 'u', words: 'to the first new message', run: toNew },
    { keys: 's', words: 'to the button that shares the robot’s last answer', run: focusLastShare },
  ]);

  return (
    <div class="messages">
      {!items.some(({ kind }) => kind === 'message' || kind === 'outgoing') ? (
        <Empty>No messages yet. What is written here is in the log before anybody reads it.</Empty>
      ) : (
        <VirtualList<Item>
          class="message-list"
          follow
          items={items}
          keyOf={(item) => item.key}
          estimate={estimate}
          handle={handle}
          onStart={() => void room.loadOlder()}
          onEnd={() => void room.loadNewer()}
          onScroll={(list) => setAtEnd(list.isAtEnd())}
          frameProps={{ role: 'log', 'aria-label': 'Messages', 'aria-live': 'off', tabIndex: 0 }}
          listProps={{ role: 'list' }}
          itemProps={(item, i) => ({ role: 'listitem', 'aria-setsize': items.length, 'aria-posinset': i + 1, 'data-kind': item.kind })}
        >
          {(item) =>
            item.kind === 'outgoing' ? (
              <OutgoingRow key={item.key} outgoing={item.outgoing} room={room} />
            ) : (
              <LineView key={item.key} line={item} room={room} marked={route.value.position} />
            )
          }
        </VirtualList>
      )}
      {!(isAtEnd && reachesPresent) && items.length > 0 && (
        <button type="button" class="to-present" onClick={toPresent}>
          <Icon name="down" />
          {unseen > 0 && seen > 0 ? `${unseen} new` : `${last ? dayOf(Date.parse(last.timestamp), now.value) : ''} · Jump to present`}
        </button>
      )}
      <TypingLine room={room} />
      <div class="visually-hidden" role="status" aria-live="polite">
        {announcement.value}
      </div>
    </div>
  );
}

function itemsOf(room: Room): Item[] {
  const lines: Item[] = linesOfRoom(room);
  if (room.window.hasNewer.value) return lines;
  const own = outbox.messages.value.filter(({ conversationId }) => conversationId === room.id);
  return [
    ...lines,
    ...own.map((outgoing) => ({ kind: 'outgoing' as const, key: outgoing.clientMessageId, outgoing })),
  ];
}

function estimate(item: Item): number {
  if (item.kind === 'message') return (item.leads ? 52 : 28) + Math.floor(item.message.content.length / 90) * 20;
  return item.kind === 'outgoing' ? 52 : 32;
}

// The divider stays where it was put until everything has been read.
function noteNew(room: Room, seen: number): void {
  const current = room.newFrom.peek();
  if (current !== null && current > seen) return;
  const me = identity.peek()?.userId;
  const first = room.window.messages.peek().find((one) => one.position > seen && one.fromUserId !== me);
  if (first) room.newFrom.value = first.position;
}

/// Shows the message that the address names, once it has been read.
function useJump(room: Room, handle: { current: VirtualListHandle | null }, items: Item[]): void {
  const { position } = route.value;
  const jumped = useRef<number | undefined>(undefined);
  useEffect(() => {
    if (position === undefined || jumped.current === position) return;
    const at = lineIndexOf(items as Line[], position);
    if (at < 0) return;
    jumped.current = position;
    requestAnimationFrame(() => handle.current?.scrollToIndex(at, 'center'));
  }, [position, items.length, room]);
}

// A screen reader is told how many came and from which role, not each of them.
function useAnnouncements(room: Room): void {
  const heard = useRef({ position: 0, at: 0 });
  const last = room.window.messages.value.at(-1)?.position ?? 0;
  useEffect(() => {
    const wait = Math.max(0, heard.current.at + kAnnouncedMs - Date.now());
    const timer = setTimeout(() => {
      const me = identity.peek()?.userId;
      const messages = room.window.messages.peek();
      const news = messages.filter((one) => one.position > heard.current.position && one.fromUserId !== me);
      const isFirst = heard.current.position === 0;
      heard.current = { position: last, at: Date.now() };
      if (isFirst || news.length === 0) return;
      const roles = new Set(news.map(({ fromRole }) => fromRole));
      const from = roles.size === 1 ? ` from the ${kRoleNames[news[0]!.fromRole].toLowerCase()}` : '';
      announcement.value = `${count(news.length, 'new message')}${from}`;
    }, wait);
    return () => clearTimeout(timer);
  }, [last, room]);
}

function TypingLine({ room }: { room: Room }) {
  const me = identity.value?.userId;
  const names = [...room.typing.value].filter(([id]) => id !== me).map(([, { name }]) => name);
  return (
    <p class="typing-line muted" aria-live="off">
      {names.length > 0 && <TypingText typing={{ names, count: names.length }} most={3} />}
    </p>
  );
}
