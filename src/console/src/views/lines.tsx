// One line of a conversation.
import { useState } from 'preact/hooks';
import { format } from '../app/router';
import type { Message } from '../net/types';
import { now } from '../store/clock';
import { isStaff } from '../store/identity';
import { labelOf, type Kind } from '../store/labels';
import type { Notice } from '../store/notices';
import { kRoleNames } from '../store/roles';
import type { Room } from '../store/room';
import { kNoticesUnfolded, linesOf, type Line } from '../store/timeline';
import { count, dayOf, timeOfDay } from '../store/time_text';
import { Role, Time, UserText } from '../ui/basics';
import { Icon, type IconName } from '../ui/icon';
import { ShareButton } from './share';

const kIcons: Partial<Record<Kind, IconName>> = { note: 'note', robot: 'robot', shared: 'share', staff: 'staff' };
/// So much of a long message is drawn; the rest on demand.
const kContentDrawn = 4_000;

/// The lines of what a room's window holds, with the notices of its time.
export function linesOfRoom({ window, notices, newFrom }: Room): Line[] {
  const messages = window.messages.value;
  const [first, last] = [messages[0], messages.at(-1)];
  const from = first && window.hasOlder.value ? Date.parse(first.timestamp) : 0;
  const until = last && window.hasNewer.value ? Date.parse(last.timestamp) : Infinity;
  const shown = notices.value.filter(({ at }) => at >= from && at <= until);
  return linesOf(messages, shown, { newFrom: newFrom.value, isPartial: window.hasOlder.value });
}

export function lineIndexOf(lines: readonly Line[], position: number): number {
  return lines.findIndex((line) => line.kind === 'message' && line.message.position >= position);
}

interface LineProps {
  line: Line;
  room: Room;
  marked?: number; // a position
  isReadOnly?: boolean;
}

export function LineView({ line, room, marked, isReadOnly = false }: LineProps) {
  switch (line.kind) {
    case 'day':
      return (
        <div class="divider">
          <span>{dayOf(line.at, now.value)}</span>
        </div>
      );
    case 'new':
      return (
        <div class="divider new">
          <span>New</span>
        </div>
      );
    case 'notices':
      return <Notices notices={line.notices} />;
    case 'message':
      return (
        <MessageRow
          message={line.message}
          at={line.at}
          leads={line.leads}
          room={room}
          isMarked={line.message.position === marked}
          isReadOnly={isReadOnly}
        />
      );
  }
}

interface RowProps {
  message: Message;
  at: number;
  leads: boolean;
  room: Room;
  isMarked: boolean;
  isReadOnly: boolean;
}

function MessageRow({ message, at, leads, room, isMarked, isReadOnly }: RowProps) {
  const isShared = room.sharedIds.value.has(message.id);
  const label = labelOf(message, isShared);
  const icon = kIcons[label.kind];
  return (
    <div
      class={`message kind-${label.kind} ${leads ? 'leads' : ''} ${isMarked ? 'marked' : ''}`}
      role="article"
      aria-label={`${message.fromUserId}, ${kRoleNames[message.fromRole]}, ${timeOfDay(at)}${label.words ? `, ${label.words}` : ''}`}
      data-position={message.position}
      data-id={message.id}
    >
      {leads && (
        <p class="message-head">
          <UserText text={message.fromUserId} class="author" /> <Role role={message.fromRole} />
          {label.words && (
            <span class="label">
              {icon && <Icon name={icon} />}
              {label.words}
            </span>
          )}
          <a class="muted permalink" href={format({ screen: 'conversations', id: room.id, position: message.position })}>
            <Time at={at} form="clock" />
          </a>
        </p>
      )}
      <Content text={message.content} />
      {label.kind === 'robot' && !isShared && isStaff.value && !isReadOnly && <ShareButton room={room} message={message} />}
      {message.originalMessageId && isStaff.value && <Origin id={message.originalMessageId} room={room} />}
    </div>
  );
}

export function Content({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(false);
  const isLong = text.length > kContentDrawn;
  return (
    <>
      <div class="content" dir="auto">
        {isLong && !isWhole ? text.slice(0, kContentDrawn) : text}
      </div>
      {isLong && (
        <button type="button" class="plain" onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Show less' : `Show all ${count(text.length, 'character')}`}
        </button>
      )}
    </>
  );
}

function Origin({ id, room }: { id: string; room: Room }) {
  const original = room.window.messages.value.find((one) => one.id === id);
  if (!original) return null;
  return (
    <a class="origin muted" href={format({ screen: 'conversations', id: room.id, position: original.position })}>
      Its original
    </a>
  );
}

function Notices({ notices }: { notices: readonly Notice[] }) {
  const [isOpen, setOpen] = useState(false);
  if (notices.length > kNoticesUnfolded && !isOpen) {
    return (
      <p class="notices muted">
        <button type="button" class="plain" onClick={() => setOpen(true)}>
          {summary(notices)}
        </button>
      </p>
    );
  }
  return (
    <p class="notices muted">
      {notices.map((notice, i) => (
        <span key={i}>
          <UserText text={notice.userId} />
          {notice.userRole ? ` (${kRoleNames[notice.userRole].toLowerCase()})` : ''} {notice.what}{' '}
          <Time at={notice.at} form="clock" />
        </span>
      ))}
    </p>
  );
}

function summary(notices: readonly Notice[]): string {
  const kinds = { joined: 'joined', left: 'left', 'was removed': 'removed' };
  return Object.entries(kinds)
    .map(([kind, words]) => [notices.filter(({ what }) => what === kind).length, words] as const)
    .flatMap(([number, words]) => (number > 0 ? `${number} ${words}` : []))
    .join(', ');
}
