// Where the page is. Routes are in the fragment, so that ids reach no access log.
import { signal } from '@preact/signals';

export type Screen = 'conversations' | 'log' | 'time' | 'search' | 'ask' | 'status';

export interface Route {
  screen: Screen;
  id?: string; // of a conversation
  position?: number; // of a message or an event
  query: Record<string, string>;
}

const kSegments: Record<Screen, string> = {
  conversations: 'c',
  log: 'log',
  time: 'time',
  search: 'search',
  ask: 'ask',
  status: 'status',
};

export function format(route: Partial<Route> & { screen: Screen }): string {
  let text = `#/${kSegments[route.screen]}`;
  if (route.id !== undefined) text += `/${encodeURIComponent(route.id)}`;
  if (route.position !== undefined) text += `@${route.position}`;
  const query = new URLSearchParams(route.query ?? {}).toString();
  return query ? `${text}?${query}` : text;
}

/// Unknown fragments lead to the list of conversations.
export function parse(fragment: string): Route {
  const [whole, search = ''] = fragment.replace(/^#\/?/, '').split('?', 2) as [string, string?];
  const query = Object.fromEntries(new URLSearchParams(search));
  const [before, after] = whole.split('@', 2) as [string, string?];
  const [segment, rest] = before.split('/', 2) as [string, string?];
  const screen = (Object.keys(kSegments) as Screen[]).find((name) => kSegments[name] === segment);
  const position = after !== undefined && /^\d+$/.test(after) ? Number(after) : undefined;
  let id: string | undefined;
  try {
    id = rest ? decodeURIComponent(rest) : undefined;
  } catch {
    id = undefined; // a percent sign that encodes nothing
  }
  return { screen: screen ?? 'conversations', id, position, query };
}

export const route = signal<Route>(parse(location.hash));

export function startRouter(): void {
  addEventListener('hashchange', () => (route.value = parse(location.hash)));
}

export function go(to: Partial<Route> & { screen: Screen }): void {
  location.hash = format(to);
}

/// Changes the address without a step for Back, as for a filter that is being typed.
export function replace(to: Partial<Route> & { screen: Screen }): void {
  history.replaceState(null, '', format(to));
  route.value = parse(location.hash);
}
