// Small line icons, drawn in the colour of the text.
const kPaths = {
  chat: 'M3 3.5h10v7H7l-3 2.5v-2.5H3z',
  log: 'M3 4h10M3 8h10M3 12h6',
  time: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3l2 1.5',
  search: 'M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM10 10l3.5 3.5',
  ask: 'M3 4l3.5 4L3 12M8 12h5',
  status: 'M2.5 9h2.5l1.5-4.5 2.5 7 1.5-4 .5 1.5h2.5',
  note: 'M4 2.5h6l2.5 2.5v8.5H4zM6 7h4.5M6 9.5h4.5',
  robot: 'M4 6h8v6H4zM8 6V3.5M6.25 8.5v1M9.75 8.5v1',
  staff: 'M8 3a2.25 2.25 0 1 0 0 4.5A2.25 2.25 0 0 0 8 3zM3.5 13c.5-2.5 2-4 4.5-4s4 1.5 4.5 4',
  share: 'M3 9v4h10V9M8 10V2.5M5 5.5l3-3 3 3',
  down: 'M8 3v9M4 8.5L8 12.5l4-4',
  eye: 'M1.5 8S4 4 8 4s6.5 4 6.5 4-2.5 4-6.5 4S1.5 8 1.5 8zM8 6.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z',
  columns: 'M2.5 3h3v10h-3zM6.5 3h3v10h-3zM10.5 3h3v10h-3z',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  cross: 'M4 4l8 8M12 4l-8 8',
  warn: 'M8 2.5l6 11H2zM8 6.5v3M8 11.25v.5',
  copy: 'M5.5 5.5h7v8h-7zM3.5 10.5v-8h7',
  back: 'M9.5 3.5L5 8l4.5 4.5',
  theme: 'M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3l7.5 5L5 13z',
} as const;

export type IconName = keyof typeof kPaths;

/// Decoration: the words beside it say what it means.
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={kPaths[name]} fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round" />
    </svg>
  );
}
