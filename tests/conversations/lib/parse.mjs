// Parses a .chat script into a list of steps. README.md describes the language.
import { Reader, ScriptError, visitNames } from './value.mjs';

const roles = ['cx-customer', 'cx-agent', 'cx-supervisor', 'robot'];
const methods = /(GET|POST|PUT|PATCH|DELETE)\b/;
const name = /[A-Za-z_]\w*/;
const wireName = /[A-Za-z_][\w.:-]*/;

/// Returns { title, clients: Map(name → options), steps: [{ line, text, kind, ... }] }; throws a
/// ScriptError with the line of the first mistake.
export function parseScript(text) {
  const script = { title: titleOf(text), clients: new Map(), steps: [] };
  for (const statement of statements(text)) {
    const reader = new Reader(statement.text, statement.line);
    const step = clientOf(reader, script) ?? { ...statement, ...stepOf(reader, script) };
    if (!reader.done) reader.fail('cannot be read');
    if (step.kind) script.steps.push(step);
  }
  if (script.steps.length === 0) throw new ScriptError(1, 'the script has no steps');
  checkNames(script);
  checkAcks(script);
  checkAnswers(script);
  return script;
}

function titleOf(text) {
  const title = /^#\s+(.+)/.exec(text);
  if (!title) throw new ScriptError(1, 'the first line must be the title: # A customer ...');
  return title[1].trim();
}

/// One statement per line; it continues on the next line while a bracket is open.
function* statements(text) {
  let open = null;
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    if (open) open.text += `\n${line}`;
    else open = { line: i + 1, text: line };
    if (depth(open.text) > 0) continue;
    yield { line: open.line, text: open.text.trim() };
    open = null;
  }
  if (open) throw new ScriptError(open.line, 'a bracket stays open to the end of the script');
}

function depth(text) {
  const brackets = text.replace(/"(?:[^"\\\n]|\\.)*"/g, '').match(/[{}[\]]/g) ?? [];
  return brackets.reduce((sum, bracket) => sum + ('{['.includes(bracket) ? 1 : -1), 0);
}

/// client Anna: user "anna", role cx-customer, over websocket, version 3, reconnects, connects
/// later
function clientOf(reader, { clients, steps }) {
  if (!reader.take(/client\b/)) return undefined;
  if (steps.length > 0) reader.fail('clients must be declared before the first step');
  const [client] = reader.need(name, 'a name');
  if (clients.has(client)) reader.fail(`${client} is declared twice`);
  const options = { over: 'both', version: 4, reconnects: false, later: false };
  if (reader.take(/:/)) {
    do {
      if (reader.take(/user\b/)) options.user = reader.string();
      else if (reader.take(/role\b/)) options.role = roleOf(reader);
      else if (reader.take(/over\b/)) options.over = reader.need(/polling|websocket|both/, 'a transport')[0];
      else if (reader.take(/version\b/)) options.version = Number(reader.need(/3|4/, 'version 3 or 4')[0]);
      else if (reader.take(/reconnects\b/)) options.reconnects = true;
      else if (reader.take(/connects\s+later\b/)) options.later = true;
      else reader.fail('expected user, role, over, version, reconnects or connects later');
    } while (reader.take(/,/));
  }
  clients.set(client, options);
  return {};
}

function roleOf(reader) {
  const [role] = reader.need(/[\w-]+/, 'a role');
  return roles.includes(role) ? role : reader.fail(`${role} is not a role`);
}

function stepOf(reader, { clients }) {
  if (reader.take(/wait\b/)) {
    const [, seconds] = reader.need(/(\d+(?:\.\d+)?)s\b/, 'seconds, as 6.5s');
    return { kind: 'wait', seconds: Number(seconds) };
  }
  if (reader.take(/server\s+restarts\b/)) return { kind: 'restart', signal: 'SIGTERM' };
  if (reader.take(/server\s+is\s+killed\b/)) return { kind: 'restart', signal: 'SIGKILL' };
  if (reader.take(/nobody\s+receives\s+anything\b/)) return { kind: 'silence', clients: [...clients.keys()] };
  if (reader.take(/the\s+log\b/)) return logOf(reader);
  const method = reader.take(methods);
  if (method) return requestOf(reader, method[0]);
  if (reader.take(/answer\b/)) {
    const status = Number(reader.need(/\d{3}\b/, 'an HTTP status')[0]);
    if (reader.take(/refuses\b/)) return { kind: 'answerRefuses', status, ...refusalOf(reader) };
    if (reader.done) return { kind: 'answer', status };
    return { kind: 'answer', status, ...expectationOf(reader) };
  }
  const [client] = reader.need(name, 'a step');
  if (!clients.has(client)) reader.fail(`${client} is not a client of this script, and this is not a known step`);
  return { client, ...clientStepOf(reader, client, clients.get(client)) };
}

function logOf(reader) {
  if (reader.take(/does\s+not\s+grow\b/)) return { kind: 'log', growth: 0 };
  reader.need(/grows\b/, 'grows, grows by N or does not grow');
  const by = reader.take(/by\s+(\d+)/);
  return { kind: 'log', growth: by ? Number(by[1]) : undefined };
}

function requestOf(reader, method) {
  const [path] = reader.need(/\/\S*/, 'a path');
  return { kind: 'rest', method, path, value: reader.done ? undefined : reader.value() };
}

function clientStepOf(reader, client, options) {
  if (reader.take(/requests\b/)) return { kind: 'request', ...eventOf(reader) };
  if (reader.take(/emits\b/)) return { kind: 'emit', ...eventOf(reader) };
  if (reader.take(/receives\s+nothing\b/)) return { kind: 'silence', clients: [client] };
  if (reader.take(/receives\s+ack\b/)) {
    const of = reader.take(/of\s+([A-Za-z_][\w.:-]*)/);
    return { kind: 'receiveAck', event: of?.[1], ...expectationOf(reader) };
  }
  if (reader.take(/receives\b/)) {
    return { kind: 'receive', event: reader.need(wireName, 'an event')[0], ...expectationOf(reader) };
  }
  if (reader.take(/is\s+refused\b/)) return { kind: 'refused', ...refusalOf(reader) };
  if (reader.take(/joins\b/)) {
    if (!options.user || !options.role) reader.fail(`${client} needs a user and a role to join`);
    return { kind: 'join', conversation: reader.string() };
  }
  if (reader.take(/says\b/)) {
    const content = reader.string();
    reader.need(/in\b/, 'in "CONVERSATION"');
    return { kind: 'say', content, conversation: reader.string(), capture: captureOf(reader) };
  }
  if (reader.take(/watches\s+the\s+dashboard\b/)) return { kind: 'watch' };
  if (reader.take(/reconnects\s+by\s+itself\b/)) {
    if (!options.reconnects) reader.fail(`${client} was not declared with reconnects`);
    return { kind: 'awaitReconnect' };
  }
  if (reader.take(/(re)?connects\b/)) return { kind: 'connect' };
  if (reader.take(/disconnects\b/)) return { kind: 'disconnect' };
  if (reader.take(/drops\b/)) {
    if (options.over === 'polling') reader.fail('only a WebSocket can drop: a polling client has no connection to end');
    return { kind: 'drop' };
  }
  return reader.fail('not a step');
}

function eventOf(reader) {
  const [event] = reader.need(wireName, 'an event');
  return { event, value: reader.done ? undefined : reader.value() };
}

/// [PATTERN] [as NAME]
function expectationOf(reader) {
  reader.skipSpace();
  const bare = reader.done || /^as\b/.test(reader.text.slice(reader.at));
  const pattern = bare ? { kind: 'wildcard', type: 'any' } : reader.pattern();
  return { pattern, capture: captureOf(reader) };
}

/// CODE [with "part of the message"]
function refusalOf(reader) {
  const [code] = reader.need(/[a-z_]+/, 'a code of docs/errors.md');
  return { code, part: reader.take(/with\b/) ? reader.string() : undefined };
}

function captureOf(reader) {
  return reader.take(/as\s+([A-Za-z_]\w*)/)?.[1];
}

/// Reports a mistyped $name before anything runs.
function checkNames({ steps }) {
  const known = new Set();
  for (const step of steps) {
    const use = (used) => {
      if (!known.has(used)) throw new ScriptError(step.line, `$${used} is used before it is captured`);
    };
    const define = (defined) => {
      if (known.has(defined)) throw new ScriptError(step.line, `${defined} is captured twice`);
      known.add(defined);
    };
    for (const node of [step.value, step.pattern]) if (node) visitNames(node, { use, define });
    for (const path of pathReferences(step.path ?? '')) use(path[0]);
    if (step.capture) define(step.capture);
  }
}

/// $name and $name.field inside the path of a REST request.
export function pathReferences(path) {
  return [...path.matchAll(/\$([A-Za-z_]\w*(?:\.\w+)*)/g)].map((match) => match[1].split('.'));
}

/// A script that asks for an ack must expect it; otherwise a server that never replies would pass.
function checkAcks({ steps }) {
  const asked = new Map();
  for (const step of steps) {
    const open = asked.get(step.client) ?? [];
    if (step.kind === 'request') asked.set(step.client, [...open, step]);
    if (step.kind === 'receiveAck' || step.kind === 'refused') {
      if (open.length === 0) throw new ScriptError(step.line, `${step.client} has not asked for an ack`);
      asked.set(step.client, open.slice(1));
    }
  }
  for (const [client, open] of asked) {
    if (open.length > 0) throw new ScriptError(open[0].line, `no step expects ${client}'s ack`);
  }
}

const isAnswer = (step) => step?.kind.startsWith('answer') ?? false;

function checkAnswers({ steps }) {
  for (const [i, step] of steps.entries()) {
    if (step.kind === 'rest' && !isAnswer(steps[i + 1])) {
      throw new ScriptError(step.line, 'the next step must expect the answer');
    }
    if (isAnswer(step) && steps[i - 1]?.kind !== 'rest') {
      throw new ScriptError(step.line, 'an answer must follow its request');
    }
  }
}
