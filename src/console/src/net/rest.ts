// Reads and commands over REST (docs/wire.md).
import { ServerError } from './server_error';

export interface Page<Item> {
  items: Item;
  position: number; // Parley-Position: what the items know; NaN: it does not say
  next: string | null; // the path of the next page
  headers: Headers;
}

type Query = Record<string, string | number | boolean | null | undefined>;

const kAnswerMs = 20_000;

let bearer: string | undefined;

export function useToken(token: string | undefined): void {
  bearer = token;
}

export function pathWith(path: string, query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  if (given.length === 0) return path;
  return `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

/// Percent-encoded segments of a path: path`/log/events/${position}`.
export function path(parts: TemplateStringsArray, ...ids: (string | number)[]): string {
  return String.raw({ raw: parts }, ...ids.map((id) => encodeURIComponent(id)));
}

/// Reads what belongs to a conversation: ofConversation(id, '/messages', query). Browsers take "."
/// and ".." out of a path, so the query names those.
export function ofConversation(id: string, what: string, query: Query): [target: string, query: Query] {
  if (!/^\.\.?$/.test(id)) return [path`/chat/conversations/${id}` + what, query];
  return [`/chat/conversations/${what || '/'}`, { ...query, conversationId: id }];
}

/// Throws a ServerError; `offline` where no answer came, AbortError where `signal` ended it.
export async function call(
  method: 'GET' | 'POST',
  target: string,
  { body, signal, answerMs = kAnswerMs }: { body?: unknown; signal?: AbortSignal; answerMs?: number } = {},
): Promise<Response> {
  const headers: Record<string, string> = {};
  if (bearer) headers.authorization = `Bearer ${bearer}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const limit = AbortSignal.timeout(answerMs);
  let response: Response;
  try {
    response = await fetch(target, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      credentials: 'same-origin',
    });
  } catch (fault) {
    if (signal?.aborted) throw fault;
    throw ServerError.offline();
  }
  if (response.ok) return response;
  throw ServerError.from(await response.json().catch(() => undefined), response.status);
}

export async function read<Body>(target: string, query: Query = {}, signal?: AbortSignal): Promise<Body> {
  const response = await call('GET', pathWith(target, query), { signal });
  return (await response.json()) as Body;
}

export async function readPage<Items>(target: string, query: Query = {}, signal?: AbortSignal): Promise<Page<Items>> {
  const response = await call('GET', pathWith(target, query), { signal });
  return {
    items: (await response.json()) as Items,
    position: Number(response.headers.get('Parley-Position') ?? NaN),
    next: /<([^>]+)>; *rel="next"/.exec(response.headers.get('Link') ?? '')?.[1] ?? null,
    headers: response.headers,
  };
}

export async function send<Body>(target: string, body: unknown, signal?: AbortSignal): Promise<Body> {
  const response = await call('POST', target, { body, signal });
  return (await response.json()) as Body;
}
