// The choice of another user, or the way out.
import { useEffect, useRef } from 'preact/hooks';
import { actAs, leave } from '../app/session';
import type { UserRole } from '../net/types';
import { identity } from '../store/identity';
import { kRoleNames } from '../store/roles';
import { facts } from '../store/page';

export function ActingPopover({ close }: { close(): void }) {
  return facts.auth === 'none' ? <Switcher close={close} /> : <SignedIn close={close} />;
}

function useClosing(close: () => void) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    ref.current?.querySelector<HTMLElement>('input, button')?.focus();
    const away = (event: MouseEvent) => {
      if (!ref.current?.parentElement?.contains(event.target as Node)) close();
    };
    const escape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      close();
      ref.current?.parentElement?.querySelector('button')?.focus();
    };
    addEventListener('mousedown', away);
    ref.current?.addEventListener('keydown', escape);
    return () => removeEventListener('mousedown', away);
  }, []);
  return ref;
}

function Switcher({ close }: { close(): void }) {
  const ref = useClosing(close);
  const who = identity.value!;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const userId = String(form.get('user')).trim();
    if (!userId) return;
    actAs(userId, form.get('role') as UserRole);
    close();
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

function SignedIn({ close }: { close(): void }) {
  const ref = useClosing(close);
  const sign = () => {
    close();
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
