// Events of the log in words, and places in the log as people type them. Pure.
import type { LogEvent } from '../net/types';
import type { LogPlace } from './log';

const kSummary = 80;
const kUnits: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/// The first characters of what somebody wrote, or else of the event's data.
export function summaryOf({ content, data, dataText }: LogEvent): string {
  const text = content ?? (data && Object.keys(data).length > 0 ? JSON.stringify(data) : (dataText ?? ''));
  // By characters, so that none is cut in two.
  const start = Array.from(text.slice(0, 4 * kSummary)).slice(0, kSummary).join('');
  return start.length < text.length ? `${start}…` : start;
}

/// "4711", "14:03", "14:03:21", "2026-11-12 14:03", "-2h". Null: none of these.
export function placeOf(text: string, now: number): LogPlace | null {
  const typed = text.trim().replaceAll(',', '');
  if (/^\d{1,15}$/.test(typed)) return { position: Math.max(1, Number(typed)) };
  const ago = /^-(\d{1,6})([smhd])$/.exec(typed);
  if (ago) return { at: now - Number(ago[1]) * kUnits[ago[2]!]! };
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(typed);
  if (clock) {
    const date = new Date(now);
    date.setHours(Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0), 0);
    // A time that is still to come was yesterday's.
    if (date.getTime() > now) date.setDate(date.getDate() - 1);
    return { at: date.getTime() };
  }
  if (!/^\d{4}-\d{2}-\d{2}/.test(typed)) return null;
  const at = Date.parse(typed.length === 10 ? `${typed}T00:00` : typed.replace(' ', 'T'));
  return Number.isNaN(at) ? null : { at };
}

/// The name of what belongs to Parley itself, as the conversation of its own events; null: it is
/// somebody's. Nobody can ask for it by its id.
export function systemName(id: string): string | null {
  return id.startsWith('\u001f') ? id.slice(1) : null;
}
