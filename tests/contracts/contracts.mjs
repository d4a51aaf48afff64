// The contracts in schema/wire, for the tests: their files, checks of values, and the operations of
// openapi.json. The schemas allow further fields, as fields may be added. The tests do not: what a
// server sends and no schema has is a field that somebody forgot to describe.
import Ajv from 'ajv/dist/2020.js';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../support/server.mjs';

export const folder = path.join(repositoryRoot, 'schema/wire');
export const readJson = (name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
export const readText = (name) => readFileSync(path.join(repositoryRoot, name), 'utf8');
const namesIn = (kind) =>
  readdirSync(path.join(folder, kind)).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5)).sort();

export const requestNames = namesIn('requests');
export const eventNames = namesIn('events');
export const types = readJson('types.json');
export const openapi = readJson('openapi.json');
export const requests = Object.fromEntries(requestNames.map((name) => [name, readJson(`requests/${name}.json`)]));
export const events = Object.fromEntries(eventNames.map((name) => [name, readJson(`events/${name}.json`)]));

/// All files, by the path in schema/wire.
export const files = {
  'types.json': types,
  'openapi.json': openapi,
  ...Object.fromEntries(requestNames.map((name) => [`requests/${name}.json`, requests[name]])),
  ...Object.fromEntries(eventNames.map((name) => [`events/${name}.json`, events[name]])),
};

// ---- checks

const at = 'https://parley.invalid/schema/wire/';

/// A schema where a value is described, which takes no further fields.
function use(schema) {
  const inner = inside(schema);
  return inner.$ref || inner.properties || inner.allOf ? { ...inner, unevaluatedProperties: false } : inner;
}

// What other schemas are made of stays open: a part of an allOf knows only its own fields.
function inside(schema, defs = use) {
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = { ...schema };
  const each = (map, change) => Object.fromEntries(Object.entries(map).map(([name, one]) => [name, change(one)]));
  if (copy.properties) copy.properties = each(copy.properties, use);
  if (copy.$defs) copy.$defs = each(copy.$defs, defs);
  if (copy.items) copy.items = use(copy.items);
  for (const word of ['oneOf', 'anyOf']) if (copy[word]) copy[word] = copy[word].map(use);
  if (copy.allOf) copy.allOf = copy.allOf.map((one) => inside(one));
  return copy;
}

// The schemas in openapi.json are the values of `schema`.
function closeAll(node) {
  if (Array.isArray(node)) return node.map(closeAll);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, key === 'schema' ? use(value) : closeAll(value)]));
}

function validator(change) {
  const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, formats: { 'date-time': true, uuid: true } });
  ajv.addVocabulary(Object.keys(openapi)); // not words of a schema, but it is the root of some
  for (const [name, schema] of Object.entries(files)) ajv.addSchema(change(name, schema), at + name);
  const known = new Map();
  return (ref, value) => {
    if (!known.has(ref)) known.set(ref, ajv.compile(change('', { $ref: at + ref })));
    const holds = known.get(ref);
    return holds(value) ? undefined : ajv.errorsText(holds.errors, { dataVar: 'it' });
  };
}

const close = (name, schema) => {
  if (name === 'openapi.json') return closeAll(schema);
  if (name === 'types.json') return inside(schema, (one) => inside(one));
  return use(schema);
};
const closed = validator(close);
const open = validator((name, schema) => schema);

/// What is wrong with `value`, for a reader of the schema; undefined: nothing. `ref` is a file of
/// schema/wire and a pointer.
export const faultAsPublished = (ref, value) => open(ref, value);
/// The same; a field that the schema does not have is also wrong.
export const fault = (ref, value) => closed(ref, value);

export function check(ref, value, where) {
  const wrong = fault(ref, value);
  assert.equal(wrong, undefined, `${where}, by ${ref}: ${wrong}; it is ${JSON.stringify(value)?.slice(0, 500)}`);
}

// ---- operations

const escaped = (word) => word.replaceAll('~', '~0').replaceAll('/', '~1');
const resolved = (node) =>
  node?.$ref?.startsWith('#/') ? node.$ref.slice(2).split('/').reduce((inner, word) => inner[word], openapi) : node;

/// Each `{key, method, path, operation, parameters, statuses}`; `key` is "METHOD /path".
export const operations = Object.entries(openapi.paths).flatMap(([route, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    key: `${method.toUpperCase()} ${route}`,
    method: method.toUpperCase(),
    path: route,
    operation,
    parameters: (operation.parameters ?? []).map(resolved),
    statuses: Object.keys(operation.responses).map(Number),
  })),
);

/// Those that a single server carries out; the others are asked of a cluster (tests/cluster).
export const ofEveryServer = operations.filter(({ key }) => key !== 'GET /cluster');

/// Where the schema of an answer is.
function refOf({ path: route, method, operation }, status, media) {
  const response = operation.responses[status];
  const home = response.$ref ?? `#/paths/${escaped(route)}/${method.toLowerCase()}/responses/${status}`;
  return `openapi.json${home}/content/${escaped(media)}/schema`;
}

export const headersOf = (operation, status) => Object.keys(resolved(operation.operation.responses[status]).headers ?? {});

/// The codes of an operation's refusals, all or those of one status.
export function codesOf({ operation }, status) {
  const responses = status === undefined ? Object.values(operation.responses) : [operation.responses[status]];
  return responses.flatMap((response) => {
    const schema = resolved(response).content['application/json']?.schema;
    return schema?.allOf?.[1].properties.code.enum ?? [];
  });
}

/// An answer of the server, as tests/support/rest.mjs returns it, is one that the operation has.
export function checkAnswer(operation, answer, where = operation.key) {
  assert.ok(operation.statuses.includes(answer.status), `${where}: status ${answer.status} is not described: ${answer.text}`);
  const media = answer.headers['content-type'].split(';')[0];
  check(refOf(operation, answer.status, media), media === 'application/json' ? answer.body : answer.text, where);
  for (const name of Object.keys(answer.headers)) {
    if (!/^(link|retry-after|parley-.*)$/.test(name)) continue;
    const described = headersOf(operation, answer.status).map((one) => one.toLowerCase());
    assert.ok(described.includes(name), `${where}: the header ${name} is not described`);
  }
}
