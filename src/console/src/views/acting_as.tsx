// The user that the page acts as. Without sign-in anybody; with a token, its user.
import { signal } from '@preact/signals';
import { identity } from '../store/identity';
import { kRoleNames } from '../store/roles';
import { Icon } from '../ui/icon';
import { lazy } from '../ui/lazy';

const ActingPopover = lazy('ActingPopover');
const isOpen = signal(false);

export function ActingAs() {
  const who = identity.value!;
  const words = who.role ? kRoleNames[who.role] : who.kind;
  return (
    <div class="acting">
      <button
        type="button"
        class="acting-button"
        aria-expanded={isOpen.value}
        onClick={() => (isOpen.value = !isOpen.value)}
      >
        <Icon name="staff" />
        <span class="visually-hidden">Acting as</span>
        <bdi>{who.userId}</bdi>
        <span class="muted">{words}</span>
      </button>
      {isOpen.value && <ActingPopover close={() => (isOpen.value = false)} />}
    </div>
  );
}
