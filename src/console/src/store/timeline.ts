// The lines of a conversation: messages in groups, with what happened between them. Pure.
import type { LogEvent, Message, Participant, UserRole } from '../net/types';
import { dayNumber } from './time_text';

/// Somebody came or went.
export interface Notice {
  userId: string;
  userRole?: UserRole;
  what: 'joined' | 'left' | 'was removed';
  at: number; // ms
}

export type Line =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'new'; key: string }
  | { kind: 'message'; key: string; message: Message; at: number; leads: boolean }
  | { kind: 'notices'; key: string; notices: Notice[] };

const kGroupMs = 5 * 60_000;
/// More notices than this in a row are folded by the view.
export const kNoticesUnfolded = 3;

/// `comings`: the events of the log that tell of joins and leaves, as far as they were read; empty:
/// they may not be read. Then the joins of those who still take part are all that is known.
export function noticesOf(comings: readonly LogEvent[], participants: readonly Participant[]): Notice[] {
  const notices = new Map<string, Notice>();
  const add = (notice: Notice) => notices.set(`${notice.userId} ${notice.at}`, notice);
  for (const { userId, userRole, joinedAt } of participants) {
    add({ userId, userRole, what: 'joined', at: Date.parse(joinedAt) });
  }
  for (const { actor, role, type, at, cause } of comings) {
    const what = type === 'participant_joined' ? 'joined' : cause ? 'was removed' : 'left';
    add({ userId: actor!, userRole: role, what, at: Date.parse(at) });
  }
  return [...notices.values()].sort((a, b) => a.at - b.at);
}

interface Options {
  newFrom?: number | null; // the first message that is new to the reader, by position
  /// There are older messages: the first day may have begun before, and gets no line. A line that
  /// stays the first one would keep the list from seeing that others before it have gone.
  isPartial?: boolean;
}

/// `messages` in the order of their positions; `notices` in the order of their times.
export function linesOf(messages: readonly Message[], notices: readonly Notice[], { newFrom, isPartial }: Options = {}): Line[] {
  const lines: Line[] = [];
  let next = 0;
  let day = 0;
  let last: { message: Message; at: number } | null = null;
  const startDay = (at: number) => {
    const number = dayNumber(at);
    if (number === day) return;
    const isKnown = day !== 0 || !isPartial;
    day = number;
    last = null;
    if (isKnown) lines.push({ kind: 'day', key: `day-${number}`, at });
  };
  const addNoticesUntil = (at: number) => {
    for (; next < notices.length && notices[next]!.at <= at; ++next) {
      const notice = notices[next]!;
      startDay(notice.at);
      const previous = lines.at(-1);
      if (previous?.kind === 'notices') previous.notices.push(notice);
      else lines.push({ kind: 'notices', key: `notice-${notice.what}-${notice.userId}-${notice.at}`, notices: [notice] });
      last = null;
    }
  };
  for (const message of messages) {
    const at = Date.parse(message.timestamp);
    addNoticesUntil(at);
    startDay(at);
    if (newFrom === message.position) {
      lines.push({ kind: 'new', key: 'new' });
      last = null;
    }
    lines.push({ kind: 'message', key: message.id, message, at, leads: !last || !continues(last, message, at) });
    last = { message, at };
  }
  addNoticesUntil(Infinity);
  return lines;
}

function continues(last: { message: Message; at: number }, message: Message, at: number): boolean {
  return (
    last.message.fromUserId === message.fromUserId &&
    last.message.fromRole === message.fromRole &&
    last.message.type === message.type &&
    last.message.isVisible === message.isVisible &&
    last.message.toRole === message.toRole &&
    !message.originalMessageId &&
    !last.message.originalMessageId &&
    at - last.at < kGroupMs
  );
}

/// Puts `added` among `messages`: each once, by position.
export function merged(messages: readonly Message[], added: readonly Message[]): Message[] {
  if (added.length === 0) return messages as Message[];
  const last = messages.at(-1)?.position ?? 0;
  const known = new Set(messages.map((message) => message.id));
  const news = added.filter((message) => !known.has(message.id) && known.add(message.id));
  const all = [...messages, ...news];
  const inOrder = news.every((message, i) => message.position > (news[i - 1]?.position ?? last));
  return inOrder ? all : all.sort((a, b) => a.position - b.position);
}
