// Small parts that every screen uses.
import { Fragment, type ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ServerError } from '../net/server_error';
import type { UserRole } from '../net/types';
import { now } from '../store/clock';
import { kRoleNames } from '../store/roles';
import { typingWords, type Typing } from '../store/typists';
import { relative, timeOfDay, timeOfDayMs, wholeTime } from '../store/time_text';
import { Icon, type IconName } from './icon';

/// A time: under an hour how long ago, and the whole time as its title.
export function Time({ at, form = 'relative' }: { at: number; form?: 'relative' | 'clock' | 'ms' }) {
  const text = form === 'relative' ? relative(at, now.value) : form === 'clock' ? timeOfDay(at) : timeOfDayMs(at);
  return (
    <time dateTime={new Date(at).toISOString()} title={wholeTime(at)}>
      {text}
    </time>
  );
}

export function Role({ role }: { role: UserRole }) {
  return <span class={`role role-${role}`}>{kRoleNames[role]}</span>;
}

/// A user's text, in its own direction.
export function UserText({ text, class: name }: { text: string; class?: string }) {
  return (
    <bdi dir="auto" class={name}>
      {text}
    </bdi>
  );
}

/// Who types: up to `most` names, or fewer and a number.
export function TypingText({ typing, most }: { typing: Typing; most: number }) {
  const { names, words } = typingWords(typing, most);
  return (
    <>
      {names.map((name, i) => (
        <Fragment key={i}>
          {i > 0 && (i < names.length - 1 || words.startsWith(' and') ? ', ' : ' and ')}
          <UserText text={name} />
        </Fragment>
      ))}
      {words}
    </>
  );
}

/// Rows of the final height, but only where loading takes long enough to be noticed.
export function Skeleton({ rows = 8, tall = false }: { rows?: number; tall?: boolean }) {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150);
    return () => clearTimeout(timer);
  }, []);
  if (!isLate) return null;
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} class={tall ? 'skeleton-row tall' : 'skeleton-row'} />
      ))}
    </div>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}

const kRights: Record<string, string> = {
  forbidden: 'Your role or token does not have this right. docs/authorization.md lists who has it.',
};

/// What went wrong, in the words of docs/errors.md, with what can be done.
export function ErrorBox({ error, retry }: { error: ServerError; retry?: () => void }) {
  return (
    <div class="error-box" role="alert">
      <Icon name="warn" />
      <div>
        <p>
          <strong>{error.message}</strong> <code>{error.code}</code>
        </p>
        <p class="muted">{kRights[error.code] ?? error.meaning}</p>
        {retry && error.mayRetry && (
          <button type="button" onClick={retry}>
            Retry
          </button>
        )}
      </div>
    </div>
  );
}

/// A button that shows an icon and says its name.
export function IconButton(props: {
  icon: IconName;
  label: string;
  onClick(): void;
  pressed?: boolean;
  disabled?: boolean;
  words?: boolean;
}) {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={props.label}
      aria-pressed={props.pressed}
      title={props.label}
      disabled={props.disabled}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
      {props.words && <span>{props.label}</span>}
    </button>
  );
}

/// Bars of equal width, the newest at the right.
export function Bars({ values, label }: { values: readonly number[]; label: string }) {
  const most = Math.max(1, ...values);
  const width = 4;
  return (
    <svg class="bars" viewBox={`0 0 ${values.length * width} 32`} preserveAspectRatio="none" role="img" aria-label={label}>
      {values.map((value, i) => {
        const height = value === 0 ? 1 : Math.max(2, (value / most) * 32);
        return <rect key={i} x={i * width} y={32 - height} width={width - 1} height={height} />;
      })}
    </svg>
  );
}
