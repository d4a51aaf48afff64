// Whose eyes and whose name the page uses.
import { computed, signal } from '@preact/signals';
import type { UserRole } from '../net/types';

export interface Identity {
  userId: string;
  role: UserRole | null; // null: a service, an auditor or an operator
  kind: 'person' | 'service' | 'auditor' | 'operator';
  isLimited?: boolean; // its token lists the conversations that it may reach
  token?: string;
  expiresAt?: number; // ms
}

export const identity = signal<Identity | null>(null);

export const isStaff = computed(() => {
  const role = identity.value?.role;
  return role === 'cx-agent' || role === 'cx-supervisor';
});

/// What the table of docs/authorization.md permits everywhere; the server decides. What tells of all
/// conversations is not for a token that lists some.
export const rights = computed(() => {
  const who = identity.value;
  const supervisor = who?.role === 'cx-supervisor';
  const auditor = who?.kind === 'auditor';
  const operator = who?.kind === 'operator';
  const service = who?.kind === 'service';
  const isUnlimited = !who?.isLimited;
  const reads = supervisor || auditor;
  const time = isStaff.value || service || auditor;
  return {
    dashboard: time && isUnlimited,
    list: who !== null && !operator,
    write: who?.role !== null && who !== null && !auditor && !operator,
    log: reads && isUnlimited,
    time,
    search: who !== null && !operator,
    ask: reads && isUnlimited,
    status: reads || operator,
    verify: reads || operator,
    viewAs: reads || service,
  };
});

interface ClaimNames {
  kindClaim: string;
  roleClaim: string;
  conversationsClaim: string;
}

interface Claims {
  sub?: string;
  exp?: number;
  [name: string]: unknown;
}

const kRoles = new Set(['cx-customer', 'cx-agent', 'cx-supervisor', 'robot']);
const kKinds = new Set(['service', 'auditor', 'operator']);

/// Reads from a token's claims whose it is; the server verifies it. Throws a sentence where the text
/// is no token.
export function identityOf(token: string, names: ClaimNames): Identity {
  const parts = token.trim().split('.');
  if (parts.length !== 3) throw new Error('This is no token: a token has three parts with dots between them.');
  let claims: Claims;
  try {
    const bytes = Uint8Array.from(atob(parts[1]!.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
    claims = JSON.parse(new TextDecoder().decode(bytes)) as Claims;
  } catch {
    throw new Error('This is no token: its middle part is not JSON.');
  }
  const claimed = String(claims[names.kindClaim] ?? 'person');
  const kind = kKinds.has(claimed) ? (claimed as Identity['kind']) : 'person';
  const named = claimed === 'robot' ? 'robot' : String(claims[names.roleClaim] ?? '');
  const role = kind === 'person' && kRoles.has(named) ? (named as UserRole) : null;
  return {
    userId: String(claims.sub ?? ''),
    role,
    kind,
    isLimited: claims[names.conversationsClaim] !== undefined && role !== 'cx-customer',
    token: token.trim(),
    expiresAt: typeof claims.exp === 'number' ? claims.exp * 1000 : undefined,
  };
}
