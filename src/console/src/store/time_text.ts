// Times and durations as people read them. Pure.

const kMinute = 60_000;
const kHour = 60 * kMinute;
const kDay = 24 * kHour;

/// "8 s", "3 min 20 s", "2 h 5 min", "4 d 3 h".
export function duration(ms: number): string {
  const all = Math.max(0, Math.floor(ms / 1000));
  const [days, hours, minutes, seconds] = [
    Math.floor(all / 86_400),
    Math.floor(all / 3600) % 24,
    Math.floor(all / 60) % 60,
    all % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  if (minutes > 0) return seconds > 0 ? `${minutes} min ${seconds} s` : `${minutes} min`;
  return `${seconds} s`;
}

/// "4 min" for a column: one unit only.
export function shortDuration(ms: number): string {
  if (ms < kMinute) return `${Math.max(0, Math.floor(ms / 1000))} s`;
  if (ms < kHour) return `${Math.floor(ms / kMinute)} min`;
  if (ms < kDay) return `${Math.floor(ms / kHour)} h`;
  return `${Math.floor(ms / kDay)} d`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const clockSeconds = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const clockMs = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});
const day = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'short' });
const dayAndYear = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'short', year: 'numeric' });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

export const timeOfDay = (ms: number): string => clock.format(ms);
export const timeOfDaySeconds = (ms: number): string => clockSeconds.format(ms);
export const timeOfDayMs = (ms: number): string => clockMs.format(ms);
export const wholeTime = (ms: number): string => whole.format(ms);

/// "Wednesday 12 Nov", with its year if that is not the year of `now`.
export function dayOf(ms: number, now: number): string {
  const sameYear = new Date(ms).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? day : dayAndYear).format(ms).replace(',', '');
}

/// A number that is equal for times of one local day.
export function dayNumber(ms: number): number {
  const date = new Date(ms);
  return date.getFullYear() * 10_000 + date.getMonth() * 100 + date.getDate();
}

/// Under an hour how long ago; on the same day the time; else the day.
export function relative(ms: number, now: number): string {
  const ago = now - ms;
  if (ago < 10_000 && ago > -60_000) return 'now';
  if (ago >= 0 && ago < kHour) return `${shortDuration(ago)} ago`;
  if (dayNumber(ms) === dayNumber(now)) return timeOfDay(ms);
  const date = new Date(ms);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(ms);
}

/// "1 message", "12 messages".
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}
