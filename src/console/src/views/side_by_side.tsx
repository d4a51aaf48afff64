// The same conversation as each role sees it. What one of them does not see leaves a gap.
import { useEffect, useMemo } from 'preact/hooks';
import * as rest from '../net/rest';
import type { Message, Participant, UserRole } from '../net/types';
import { rights } from '../store/identity';
import { hiddenWords } from '../store/labels';
import { kRoleNames } from '../store/roles';
import { facts, named } from '../store/page';
import type { Room } from '../store/room';
import { SeenBy } from '../store/seen_by';
import { linesOf, type Line } from '../store/timeline';
import { Empty, ErrorBox, UserText } from '../ui/basics';
import { VirtualList } from '../ui/virtual_list';
import { LineView } from './lines';

const kRoles: UserRole[] = ['cx-customer', 'cx-agent', 'cx-supervisor'];

interface Column {
  role: UserRole;
  userId?: string; // through whose eyes
  seen: SeenBy | null; // null: may not be asked for
}

function columnOf(room: Room, role: UserRole, participants: readonly Participant[]): Column {
  const userId = participants.find(({ userRole }) => userRole === role)?.userId;
  const isOpen = facts.auth === 'none';
  if (!isOpen && role === 'cx-customer' && (!rights.value.viewAs || !userId)) return { role, userId, seen: null };
  const eyes = isOpen
    ? { userId: role === 'cx-customer' ? userId : undefined, userRole: role }
    : rights.value.viewAs && userId
      ? { viewer: userId, viewerRole: role }
      : named();
  const read = (query: object) => rest.read<Message[]>(...rest.ofConversation(room.id, '/messages', { ...query, ...eyes }));
  return { role, userId, seen: new SeenBy(read) };
}

export function SideBySide({ room }: { room: Room }) {
  const participants = room.participants.value;
  const who = kRoles.map((role) => participants.find(({ userRole }) => userRole === role)?.userId).join('\n');
  const columns = useMemo(() => kRoles.map((role) => columnOf(room, role, participants)), [room, who]);
  const messages = room.window.messages.value;
  const [first, last] = [messages[0]?.position, messages.at(-1)?.position];
  const covered = columns.map(({ seen }) => `${seen?.covered.value?.from}-${seen?.covered.value?.to}`).join();
  useEffect(() => {
    if (first === undefined || last === undefined) return;
    for (const { seen } of columns) void seen?.cover(first, last);
  }, [first, last, columns, covered]);

  const lines = linesOf(messages, []);
  const error = columns.map(({ seen }) => seen?.error.value).find(Boolean);
  return (
    <div class="columns">
      <div class="columns-head">
        {columns.map(({ role, userId, seen }) => (
          <h2 key={role} class={`role role-${role}`}>
            {kRoleNames[role]} <span class="muted">{userId ? <UserText text={userId} /> : 'any'}</span>
            {!seen && <span class="muted"> · not for your role</span>}
          </h2>
        ))}
      </div>
      {error && <ErrorBox error={error} />}
      {lines.length === 0 ? (
        <Empty>No messages yet.</Empty>
      ) : (
        <VirtualList<Line>
          class="message-list"
          follow
          items={lines}
          keyOf={(line) => line.key}
          estimate={(line) => (line.kind === 'message' ? 60 + Math.floor(line.message.content.length / 30) * 20 : 32)}
          onStart={() => void room.loadOlder()}
          onEnd={() => void room.loadNewer()}
          frameProps={{ role: 'region', 'aria-label': 'Messages, side by side', tabIndex: 0 }}
        >
          {(line) => <Row key={line.key} line={line} room={room} columns={columns} />}
        </VirtualList>
      )}
    </div>
  );
}

function Row({ line, room, columns }: { line: Line; room: Room; columns: readonly Column[] }) {
  if (line.kind !== 'message') return <LineView line={line} room={room} />;
  const whole: Line = { ...line, leads: true };
  return (
    <div class="columns-row">
      {columns.map(({ role, seen }) => {
        if (!seen || !seen.isKnown(line.message.position)) return <div key={role} class="cell unknown" />;
        return seen.ids.value.has(line.message.id) ? (
          <div key={role} class="cell" data-role={role} data-id={line.message.id}>
            <LineView line={whole} room={room} isReadOnly />
          </div>
        ) : (
          <div key={role} class="cell gap" data-role={role}>
            <span>{hiddenWords(line.message, role)}</span>
          </div>
        );
      })}
    </div>
  );
}
