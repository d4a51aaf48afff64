// Whom the page acts as. Without sign-in anybody; with a token, its user.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { actAs, leave } from '../app/session';
import type { UserRole } from '../net/types';
import { identity } from '../store/identity';
import { kRoleNames } from '../store/labels';
import { facts } from '../store/page';
import { Icon } from '../ui/icon';

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
        aria-label={`Acting as ${who.userId}, ${words}. Change`}
        onClick={() => (isOpen.value = !isOpen.value)}
      >
        <Icon name="staff" />
        <bdi>{who.userId}</bdi>
        <span class="muted">{words}</span>
      </button>
      {isOpen.value && (facts.auth === 'none' ? <Switcher /> : <SignedIn />)}
    </div>
  );
}

function useClosing() {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    ref.current?.querySelector<HTMLElement>('input, button')?.focus();
    const away = (event: MouseEvent) => {
      if (!ref.current?.parentElement?.contains(event.target as Node)) isOpen.value = false;
    };
    const escape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      isOpen.value = false;
      ref.current?.parentElement?.querySelector('button')?.focus();
    };
    addEventListener('mousedown', away);
    ref.current?.addEventListener('keydown', escape);
    return () => removeEventListener('mousedown', away);
  }, []);
  return ref;
}

function Switcher() {
  const ref = useClosing();
  const who = identity.value!;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const userId = String(form.get('user')).trim();
    if (!userId) return;
    actAs(userId, form.get('role') as UserRole);
    isOpen.value = false;
  };
  return (
    <div class="popover" ref={ref}>
      <form onSubmit={submit}>
        <label>
          User
          <input name="user" defaultValue={who.userId} maxLength={128} required autocomplete="off" spellcheck={false} />
        </label>
        <label>
          Role
          <select name="role">
            {Object.entries(kRoleNames).map(([role, name]) => (
              <option key={role} value={role} selected={role === who.role}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="primary">
          Act as this user
        </button>
      </form>
    </div>
  );
}

function SignedIn() {
  const ref = useClosing();
  const sign = () => {
    isOpen.value = false;
    leave();
  };
  return (
    <div class="popover" ref={ref}>
      <p>
        Signed in as <bdi>{identity.value!.userId}</bdi>.
      </p>
      <button type="button" onClick={sign}>
        Sign out
      </button>
    </div>
  );
}
