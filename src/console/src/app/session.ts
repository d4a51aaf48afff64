// Who uses this tab: kept in sessionStorage, a token only where the user ticked it.
import { identityOf, type Identity } from '../store/identity';
import { facts, signIn, signOut } from '../store/page';
import type { UserRole } from '../net/types';

const kKey = facts.auth === 'jwt' ? 'parley.token' : 'parley.acting';

export function actAs(userId: string, role: UserRole): void {
  sessionStorage.setItem(kKey, JSON.stringify({ userId, role }));
  signIn({ userId, role, kind: 'person' });
}

/// Throws a sentence where the text is no token.
export function useToken(text: string, keep: boolean): Identity {
  const who = identityOf(text, facts);
  if (keep) sessionStorage.setItem(kKey, who.token!);
  else sessionStorage.removeItem(kKey);
  return who;
}

export function leave(): void {
  sessionStorage.removeItem(kKey);
  signOut();
}

/// Goes on as the user of before the page was loaded again.
export function startSession(): void {
  const kept = sessionStorage.getItem(kKey);
  if (facts.auth === 'none') {
    const acting = kept ? (JSON.parse(kept) as { userId: string; role: UserRole }) : null;
    signIn({ userId: acting?.userId ?? 'supervisor', role: acting?.role ?? 'cx-supervisor', kind: 'person' });
    return;
  }
  if (!kept) return;
  try {
    signIn(identityOf(kept, facts));
  } catch {
    sessionStorage.removeItem(kKey);
  }
}
