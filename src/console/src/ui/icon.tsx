// Small line icons, drawn in the colour of the text.
import type { LaterIconName } from './later_icons';

const kPaths = {
  chat: 'M3 3.5h10v7H7l-3 2.5v-2.5H3z',
  log: 'M3 4h10M3 8h10M3 12h6',
  time: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3l2 1.5',
  search: 'M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM10 10l3.5 3.5',
  ask: 'M3 4l3.5 4L3 12M8 12h5',
  status: 'M2.5 9h2.5l1.5-4.5 2.5 7 1.5-4 .5 1.5h2.5',
  note: 'M4 2.5h6l2.5 2.5v8.5H4zM6 7h4.5M6 9.5h4.5',
  staff: 'M8 3a2.25 2.25 0 1 0 0 4.5A2.25 2.25 0 0 0 8 3zM3.5 13c.5-2.5 2-4 4.5-4s4 1.5 4.5 4',
  eye: 'M1.5 8S4 4 8 4s6.5 4 6.5 4-2.5 4-6.5 4S1.5 8 1.5 8zM8 6.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  warn: 'M8 2.5l6 11H2zM8 6.5v3M8 11.25v.5',
  theme: 'M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11',
} as const;

export type IconName = keyof typeof kPaths | LaterIconName;

const paths: Record<string, string> = { ...kPaths };

/// Takes the icons that the first load does without.
export function addIcons(more: Record<LaterIconName, string>): void {
  Object.assign(paths, more);
}

/// Decoration: the words beside it say what it means.
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={paths[name]} fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round" />
    </svg>
  );
}
