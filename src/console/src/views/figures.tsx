// What a supervisor looks at first.
import type { UserRole } from '../net/types';
import { now } from '../store/clock';
import { kRoleNames } from '../store/roles';
import { facts, minutes, presence, stats, waitingFigures } from '../store/page';
import { count, duration } from '../store/time_text';
import { Bars } from '../ui/basics';
import { waitClass } from './wait';

export function Figures() {
  const { waiting, more, since } = waitingFigures.value;
  const wait = since ? Math.max(0, now.value - since) : null;
  const people = connectedByRole();
  const perHour = minutes.value.reduce((sum, one) => sum + one, 0);
  return (
    <section class="figures" aria-label="Figures">
      <Figure name="Waiting now" value={`${waiting}${more ? '+' : ''}`} />
      <Figure
        name="Longest wait"
        value={wait === null ? '–' : duration(wait)}
        class={wait === null ? '' : waitClass(wait, facts)}
      />
      <Figure name="Open" value={stats.value ? stats.value.activeConversations.toLocaleString('en') : '…'} />
      <Figure name="Connected" value={people.total.toLocaleString('en')} hint={people.words} />
      {minutes.value.length > 0 && (
        <div class="figure chart">
          <span class="figure-name">Messages a minute, last hour</span>
          <Bars values={minutes.value} label={`${count(perHour, 'message')} in the last hour, at most ${Math.max(...minutes.value)} a minute`} />
        </div>
      )}
    </section>
  );
}

function Figure({ name, value, hint, class: kind = '' }: { name: string; value: string; hint?: string; class?: string }) {
  return (
    <div class="figure">
      <span class="figure-name">{name}</span>
      <span class={`figure-value ${kind}`}>{value}</span>
      {hint && (
        <span class="figure-hint" title={hint}>
          {hint}
        </span>
      )}
    </div>
  );
}

function connectedByRole() {
  const byRole = new Map<string, number>();
  const users = presence.users.value;
  for (const { userRole } of users.values()) {
    const name = userRole ? kRoleNames[userRole as UserRole].toLowerCase() : 'unnamed';
    byRole.set(name, (byRole.get(name) ?? 0) + 1);
  }
  return {
    total: users.size,
    words: [...byRole].map(([name, n]) => count(n, name)).join(', '),
  };
}
