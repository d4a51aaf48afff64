// The lines of a conversation: messages in groups, with what happened between them. Pure.
import type { Message } from '../net/types';
import type { Notice } from './notices';
import { dayNumber } from './time_text';

export type Line =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'new'; key: string }
  | { kind: 'message'; key: string; message: Message; at: number; leads: boolean }
  | { kind: 'notices'; key: string; notices: Notice[] };

const kGroupMs = 5 * 60_000;
/// More notices than this in a row are folded by the view.
export const kNoticesUnfolded = 3;

interface Options {
  newFrom?: number | null; // the first message that is new to the reader, by position
  /// There are older messages: the first day may have begun before, and gets no line. A line that
  /// stays the first one would keep the list from seeing that others before it have gone.
  isPartial?: boolean;
}

/// `messages` in the order of their positions; `notices` in that of `inOrder`.
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
  const addNoticesBefore = (at: number, position: number) => {
    for (; next < notices.length; ++next) {
      const notice = notices[next]!;
      if (notice.position ? notice.position > position : notice.at > at) return;
      startDay(notice.at);
      const previous = lines.at(-1);
      if (previous?.kind === 'notices') previous.notices.push(notice);
      else lines.push({ kind: 'notices', key: `notice-${notice.what}-${notice.userId}-${notice.at}-${notice.position}`, notices: [notice] });
      last = null;
    }
  };
  for (const message of messages) {
    const at = Date.parse(message.timestamp);
    addNoticesBefore(at, message.position);
    startDay(at);
    if (newFrom === message.position) {
      lines.push({ kind: 'new', key: 'new' });
      last = null;
    }
    lines.push({ kind: 'message', key: message.id, message, at, leads: !last || !continues(last, message, at) });
    last = { message, at };
  }
  addNoticesBefore(Infinity, Infinity);
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
