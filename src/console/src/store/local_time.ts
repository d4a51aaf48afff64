// Times as fields of a form have them, and as addresses and the wire do. Pure.

const two = (n: number) => String(n).padStart(2, '0');

/// For <input type="datetime-local">; empty where `iso` is no time.
export function toLocalInput(iso: string | undefined): string {
  const date = new Date(iso ?? '');
  if (Number.isNaN(date.getTime())) return '';
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/// In UTC; empty where the field is.
export function fromLocalInput(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}
