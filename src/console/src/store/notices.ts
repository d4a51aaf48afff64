// What a conversation shows of joins and leaves. Pure.
import type { LogEvent, Participant, UserRole } from '../net/types';

/// Somebody came or went.
export interface Notice {
  userId: string;
  userRole?: UserRole;
  what: 'joined' | 'left' | 'was removed';
  at: number; // ms
  position?: number; // where it is known; `at` alone does not order what one millisecond brought
}

/// `comings`: the events of the log that tell of joins and leaves, as far as they were read; empty:
/// they may not be read. Then the joins of those who still take part are all that is known.
export function noticesOf(comings: readonly LogEvent[], participants: readonly Participant[]): Notice[] {
  const told = comings.map(({ actor, role, type, at, cause, position }): Notice => {
    const what = type === 'participant_joined' ? 'joined' : cause ? 'was removed' : 'left';
    return { userId: actor!, userRole: role, what, at: Date.parse(at), position };
  });
  const untold = participants
    .filter(({ userId, joinedAt }) => !comings.some(({ actor, at }) => actor === userId && at === joinedAt))
    .map((one) => joinNotice(one));
  return inOrder([...untold, ...told]);
}

export function joinNotice({ userId, userRole, joinedAt }: Participant, position?: number): Notice {
  return { userId, userRole, what: 'joined', at: Date.parse(joinedAt), position };
}

/// The log's order: its times never go back.
export function inOrder(notices: readonly Notice[]): Notice[] {
  return [...notices].sort((a, b) => a.at - b.at || (a.position || 0) - (b.position || 0));
}
