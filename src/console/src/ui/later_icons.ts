// The icons that the first load does without.
import { addIcons } from './icon';

const kPaths = {
  robot: 'M4 6h8v6H4zM8 6V3.5M6.25 8.5v1M9.75 8.5v1',
  share: 'M3 9v4h10V9M8 10V2.5M5 5.5l3-3 3 3',
  down: 'M8 3v9M4 8.5L8 12.5l4-4',
  columns: 'M2.5 3h3v10h-3zM6.5 3h3v10h-3zM10.5 3h3v10h-3z',
  cross: 'M4 4l8 8M12 4l-8 8',
  copy: 'M5.5 5.5h7v8h-7zM3.5 10.5v-8h7',
  back: 'M9.5 3.5L5 8l4.5 4.5',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3l7.5 5L5 13z',
} as const;

export type LaterIconName = keyof typeof kPaths;

addIcons(kPaths);
