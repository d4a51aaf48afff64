// The page's one connection. It reconnects by itself, and says how it stands.
import { batch, signal } from '@preact/signals';
import { io, type Socket } from 'socket.io-client';
import { FrameQueue } from './frame_queue';
import { ServerError } from './server_error';

export type LinkState =
  | { is: 'idle' } // nobody is signed in
  | { is: 'connecting' }
  | { is: 'online' }
  | { is: 'offline'; since: number; nextTryAt: number }
  | { is: 'refused'; error: ServerError };

/// How a connection came back after it was lost.
export interface Return {
  at: number;
  recovered: boolean;
  caughtUp: number; // events that had been missed
}

type Handler = (body: never, position: number) => void;

const kAnswerMs = 10_000;
const kFirstDelayMs = 1_000;
const kDelayMsMax = 15_000;
const kCaughtUpQuietMs = 300;

export const link = signal<LinkState>({ is: 'idle' });
export const lastReturn = signal<Return | null>(null);
/// Epoch ms of the last moment at which the server was heard.
export const heardAt = signal(0);

const handlers = new Map<string, Set<Handler>>();
const freshHandlers = new Set<() => void>();
const frameEnds = new Set<() => void>();
const linkHandlers = new Set<() => void>();
const frames = new FrameQueue((tasks) =>
  batch(() => {
    tasks.forEach((task) => task());
    frameEnds.forEach((end) => end());
  }),
);

let socket: Socket | null = null;
let retryTimer = 0;
let failures = 0;
let wasOnline = false;
let missedEvents = 0;
let settleTimer = 0;

/// Calls `handler` with the body of each event of this name, within an animation frame, and with the
/// event's position in the log; NaN: it has none. Returns what takes it off again.
export function on<Body>(name: string, handler: (body: Body, position: number) => void): () => void {
  const all = handlers.get(name) ?? new Set();
  handlers.set(name, all.add(handler as Handler));
  return () => all.delete(handler as Handler);
}

/// Calls `handler` at each start of a session: what was subscribed before is subscribed no more.
export function onFreshSession(handler: () => void): () => void {
  freshHandlers.add(handler);
  return () => freshHandlers.delete(handler);
}

/// Calls `handler` when a connection begins or ends, in its place between the events.
export function onConnection(handler: () => void): void {
  linkHandlers.add(handler);
}

/// Calls `handler` at the end of each frame in which events were handled.
export function onFrameEnd(handler: () => void): void {
  frameEnds.add(handler);
}

/// `auth` is asked for at each try.
export function connect(auth: () => Record<string, unknown>): void {
  disconnect();
  link.value = { is: 'connecting' };
  socket = io({
    reconnection: false, // ours shows when it tries again
    auth: (give) => give({ ...auth(), recovery: true }),
    transports: ['polling', 'websocket'],
  });
  socket.on('connect', entered);
  socket.on('connect_error', refused);
  socket.on('disconnect', lost);
  socket.onAny(received);
}

export function disconnect(): void {
  clearTimeout(retryTimer);
  socket?.off();
  socket?.disconnect();
  socket = null;
  wasOnline = false;
  failures = 0;
  heardAt.value = 0;
  link.value = { is: 'idle' };
}

/// Tries to connect now instead of when the next try is due.
export function tryNow(): void {
  if (link.value.is !== 'offline' && link.value.is !== 'refused') return;
  clearTimeout(retryTimer);
  socket?.connect();
}

/// Sends a request and returns its answer. Throws a ServerError, `offline` where no answer came.
export async function request<Answer = Record<string, unknown>>(
  name: string,
  body: Record<string, unknown> = {},
): Promise<Answer> {
  if (!socket?.connected) throw ServerError.offline();
  let answer: unknown;
  try {
    answer = await socket.timeout(kAnswerMs).emitWithAck(name, body);
  } catch {
    throw ServerError.offline();
  }
  if ((answer as { success?: boolean }).success === false) throw ServerError.from(answer, 0);
  return answer as Answer;
}

function entered(): void {
  const recovered = socket!.recovered;
  const cameBack = wasOnline;
  wasOnline = true;
  failures = 0;
  heardAt.value = Date.now();
  link.value = { is: 'online' };
  noteConnection();
  if (!recovered) freshHandlers.forEach((handler) => handler());
  if (!cameBack) return;
  missedEvents = 0;
  if (recovered) settleSoon();
  else lastReturn.value = { at: Date.now(), recovered: false, caughtUp: 0 };
}

// The missed events come first, without a mark where they end: they have when it is quiet.
function settleSoon(): void {
  clearTimeout(settleTimer);
  settleTimer = window.setTimeout(() => {
    settleTimer = 0;
    lastReturn.value = { at: Date.now(), recovered: true, caughtUp: missedEvents };
  }, kCaughtUpQuietMs);
}

function received(name: string, body: unknown, cursor?: unknown): void {
  heardAt.value = Date.now();
  if (settleTimer && typeof cursor === 'string') {
    missedEvents += 1;
    settleSoon();
  }
  const position = Math.ceil(parseFloat(cursor as string)); // docs/recovery.md, "Cursors"
  frames.add(() => handlers.get(name)?.forEach((handler) => handler(body as never, position)));
}

function refused(error: Error & { data?: { code?: string } }): void {
  const code = error.data?.code;
  if (code === 'unauthenticated' || code === 'forbidden') {
    link.value = { is: 'refused', error: new ServerError(code, error.message) };
    return;
  }
  tryLater();
}

function lost(reason: string): void {
  if (reason === 'io client disconnect') return;
  noteConnection();
  tryLater();
}

const noteConnection = () => frames.add(() => linkHandlers.forEach((handler) => handler()));

function tryLater(): void {
  const delay = Math.min(kFirstDelayMs * 2 ** failures, kDelayMsMax) * (0.75 + Math.random() / 2);
  failures += 1;
  const since = link.value.is === 'offline' ? link.value.since : Date.now();
  link.value = { is: 'offline', since, nextTryAt: Date.now() + delay };
  clearTimeout(retryTimer);
  retryTimer = window.setTimeout(() => socket?.connect(), delay);
}
