// The page's own state: one identity, one list, the open conversation, one outbox; and what joins
// them to the server.
import { batch, effect, signal } from '@preact/signals';
import { readFacts } from '../net/facts';
import * as rest from '../net/rest';
import * as socket from '../net/socket';
import type { ServerError } from '../net/server_error';
import type { Conversation, LogEvent, LogPage, Message, Participant, Presence, Stats, Typing, TypingChanged, UserRole, WholePresence } from '../net/types';
import { now } from './clock';
import { identity, isStaff, rights, type Identity } from './identity';
import { ConversationList, participantChanged, updated, type Changes, type ListEvent } from './list';
import { Outbox, type Outgoing } from './outbox';
import { PresenceBoard } from './presence';
import { Room } from './room';
import { Typists } from './typists';

export const facts = readFacts();
export const list = new ConversationList();
export const room = signal<Room | null>(null);
export const stats = signal<Stats | null>(null);
export const presence = new PresenceBoard();
export const typists = new Typists();
/// Why the list could not be read.
export const listError = signal<ServerError | null>(null);
export const listIsReady = signal(false);
/// Messages of the last 60 minutes, the newest last.
export const minutes = signal<readonly number[]>([]);

/// Who waits for an answer; `more`: there may be more of them. `since`: the longest, in ms.
export const waitingFigures = signal<{ waiting: number; more: boolean; since: number | null }>({
  waiting: 0,
  more: false,
  since: null,
});
const kListPage = 100;
const kRefreshMs = 2_000;
const kStatsMs = 10_000;

/// Whose words and eyes a request names: with tokens the server knows.
export function named(): { userId?: string; userRole?: UserRole } {
  const who = identity.value;
  if (facts.auth === 'jwt' || !who?.role) return {};
  return { userId: who.userId, userRole: who.role };
}

export const outbox = new Outbox({
  send: sendMessage,
  isOnline: () => socket.link.value.is === 'online',
  now: () => Date.now(),
  newId: () => crypto.randomUUID(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  stored: (message) => {
    noteMessage();
    const open = room.value;
    if (open?.id !== message.conversationId) return;
    open.arrived(message);
    const isKnown = open.participants.value.some(({ userId }) => userId === message.fromUserId);
    if (!isKnown) void open.readParticipants();
  },
});

function sendMessage(outgoing: Outgoing): Promise<Message> {
  const { userId, userRole } = named();
  return socket.request<Message>('send_message', {
    conversationId: outgoing.conversationId,
    content: outgoing.content,
    clientMessageId: outgoing.clientMessageId,
    ...(userId ? { fromUserId: userId, fromRole: userRole } : {}),
    ...(outgoing.isNote ? { isVisible: false } : {}),
    ...(outgoing.toRole ? { toRole: outgoing.toRole } : {}),
    ...(outgoing.seenSeq !== undefined ? { expectedSeq: outgoing.seenSeq } : {}),
  });
}

/// Uses the page as this user.
export function signIn(who: Identity): void {
  batch(() => {
    identity.value = who;
    rest.useToken(who.token);
    presence.clear();
    typists.clear();
    list.replace([], 0);
    listIsReady.value = false;
    listError.value = null;
    room.value = null;
  });
  socket.connect(() => (identity.value?.token ? { token: identity.value.token } : {}));
}

export function signOut(): void {
  socket.disconnect();
  rest.useToken(undefined);
  batch(() => {
    identity.value = null;
    room.value = null;
    list.replace([], 0);
  });
}

/// A newer token of the same user: nothing on the page is lost.
export async function renew(who: Identity): Promise<void> {
  if (socket.link.value.is === 'online') await socket.request('authenticate', { token: who.token! });
  identity.value = who;
  rest.useToken(who.token);
  if (socket.link.value.is !== 'online') socket.tryNow(); // with the new token
}

// ---- the list

const readList = () => rest.readPage<Conversation[]>('/chat/conversations', listQuery());
let nextOfList: string | null = null;
let listReads = 0;

export async function loadList(): Promise<void> {
  const mine = ++listReads;
  await list.during(async () => {
    try {
      const page = await readList();
      if (mine !== listReads) return; // what is wanted has changed meanwhile
      nextOfList = page.next;
      batch(() => {
        list.replace(page.items, page.position);
        listError.value = null;
        listIsReady.value = true;
      });
    } catch (fault) {
      if (mine === listReads) listError.value = fault as ServerError;
    }
  });
  if (rights.value.dashboard) void loadFigures();
}

export async function loadMoreOfList(): Promise<void> {
  const [next, mine] = [nextOfList, listReads];
  if (!next) return;
  nextOfList = null;
  await list.during(async () => {
    const page = await rest.readPage<Conversation[]>(next).catch(() => null);
    if (mine !== listReads) return;
    nextOfList = page ? page.next : next;
    if (page) list.append(page.items, page.position);
  });
}

function listQuery() {
  return {
    limit: kListPage,
    ...(isStaff.value ? { sort: list.sort.value, show: list.show.value } : { sort: 'activity' }),
    q: list.filter.value || undefined,
    preview: isStaff.value ? 1 : undefined,
    ...named(),
  };
}

export async function loadFigures(): Promise<void> {
  const [figures, series, waiting] = await Promise.allSettled([
    rest.read<Stats>('/chat/dashboard/stats'),
    rest.read<{ minutes: { messages: Record<string, number> }[] }>('/chat/stats/minutes', { n: 60 }),
    rest.readPage<Conversation[]>('/chat/conversations', { show: 'waiting', sort: 'waiting', limit: kListPage, ...named() }),
  ]);
  batch(() => {
    if (figures.status === 'fulfilled') stats.value = figures.value;
    if (series.status === 'fulfilled') {
      minutes.value = series.value.minutes.map(({ messages }) => Object.values(messages).reduce((a, b) => a + b, 0));
    }
    if (waiting.status === 'fulfilled') noteWaiting(waiting.value.items);
  });
}

async function loadPresence(): Promise<void> {
  const whole = await rest.read<WholePresence>('/chat/presence').catch(() => null);
  if (whole) presence.replace(whole);
}

function noteWaiting(rows: readonly Conversation[]): void {
  const since = rows[0]?.waitingSince;
  waitingFigures.value = {
    waiting: rows.length,
    more: rows.length === kListPage,
    since: since ? Date.parse(since) : null,
  };
}

// Who has no dashboard hears of a message in the open conversation only.
const noteMessage = () => !rights.value.dashboard && refreshSoon();

// Dashboards hear no contents, so previews are read again, soon after something changed.
let refreshTimer = 0;
function refreshSoon(): void {
  if (refreshTimer) return;
  refreshTimer = window.setTimeout(async () => {
    refreshTimer = 0;
    const mine = listReads;
    await list.during(async () => {
      const page = await readList().catch(() => null);
      if (!page || mine !== listReads) return;
      list.refresh(page.items, page.position);
      list.flush();
    });
    if (rights.value.dashboard) void loadFigures();
  }, kRefreshMs);
}

// ---- a conversation

/// Opens a conversation; staff watch it, which appends nothing to the log.
export async function openRoom(id: string, position?: number): Promise<void> {
  if (room.value?.id === id) {
    if (position !== undefined) await room.value.jumpTo(position);
    return;
  }
  closeRoom();
  const opened = makeRoom(id);
  room.value = opened;
  await opened.open(position);
}

export function closeRoom(): void {
  const open = room.value;
  room.value = null;
  if (open && isStaff.value) socket.request('unwatch_room', { conversationId: open.id, ...named() }).catch(() => {});
}

/// Reads what belongs to a conversation, as the one who looks: read('/messages', query).
export const readerOf =
  (id: string) =>
  <Body>(what: string, query?: object) =>
    rest.read<Body>(...rest.ofConversation(id, what, { ...query, ...named() }));

function makeRoom(id: string): Room {
  const read = readerOf(id);
  return new Room(id, {
    conversation: () => read<Conversation>(''),
    participants: () => read<Participant[]>('/participants'),
    comings: () => (rights.value.log ? readComings(id) : Promise.resolve([])),
    messages: (query) => read<Message[]>('/messages', query),
    watch: async () => {
      await socket.request(isStaff.value ? 'watch_room' : 'join_room', { conversationId: id, ...named() });
    },
  });
}

const kComings = 500;

async function readComings(conversationId: string): Promise<LogEvent[]> {
  const query = { conversationId, type: 'participant_joined,participant_left', limit: kComings };
  const page = await rest.read<LogPage>('/log/events', query).catch(() => null); // as from afar without sign-in
  return page?.events ?? [];
}

// ---- what the server tells

const inRoom = (id: string) => (room.value?.id === id ? room.value : null);

export function startPage(): void {
  socket.on<Message>('new_message', (message) => {
    outbox.noteStored(message);
    noteMessage();
    inRoom(message.conversationId)?.arrived(message);
  });
  socket.on<Typing>('user_typing', (typing) => inRoom(typing.conversationId)?.noteTyping(typing));
  socket.on<{ conversationId: string; participant: Participant }>('user_joined', ({ conversationId, participant }, position) =>
    inRoom(conversationId)?.joined(participant, position),
  );
  socket.on<{ conversationId: string; userId: string }>('user_left', ({ conversationId, userId }, position) =>
    inRoom(conversationId)?.left(userId, position),
  );
  const onList = <Body extends object>(name: string, idOf: (body: Body) => string, change: (body: Body) => ListEvent['change']) =>
    socket.on<Body>(name, (body, position) => {
      list.apply({ id: idOf(body), position, change: change(body) });
      refreshSoon();
    });
  const idOf = ({ conversationId }: { conversationId: string }) => conversationId;
  type OfParticipant = { conversationId: string; participant: Participant };
  onList<{ conversation: Conversation }>('conversation_created', ({ conversation }) => conversation.id, ({ conversation }) => (row) => row ?? conversation);
  onList<{ conversationId: string; changes: Changes }>('conversation_updated', idOf, ({ changes }) => updated(changes));
  onList<OfParticipant>('conversation_participant_added', idOf, ({ participant }) => participantChanged(participant, true));
  onList<OfParticipant>('conversation_participant_removed', idOf, ({ participant }) => participantChanged(participant, false));
  socket.on<Presence>('presence_changed', (changed) => presence.apply(changed));
  socket.on<TypingChanged>('typing_changed', (changed) => typists.apply(changed));
  socket.onConnection(() => typists.clear());
  socket.onFrameEnd(() => list.flush());
  socket.onFreshSession(() => void startSession());
  effect(() => {
    // What changed while the page was away is not told again.
    if (socket.lastReturn.value?.recovered && rights.value.dashboard) void loadPresence();
  });
  effect(() => {
    if (socket.link.value.is === 'online') void outbox.work();
  });
  effect(() => {
    outbox.noteTime();
    room.peek()?.forgetOldTyping(now.value);
  });
  setInterval(() => {
    if (socket.link.value.is !== 'online' || document.hidden) return;
    if (rights.value.dashboard) void loadFigures();
    else if (rights.value.list) refreshSoon();
  }, kStatsMs);
}

// Nothing is subscribed yet, or no more.
async function startSession(): Promise<void> {
  if (rights.value.dashboard) {
    await socket.request('join_dashboard', { ...named(), presence: true }).catch(() => {});
    void loadPresence();
  }
  if (rights.value.list) await loadList();
  await room.value?.open();
}
