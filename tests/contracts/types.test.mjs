// parley.d.ts has what the schemas have, and is of use: the clients of docs/contracts.md compile and
// run, and do not compile with a wrong name in them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { rest, useServer } from '../clients/support.mjs';
import { repositoryRoot } from '../support/server.mjs';
import { eventNames, events, operations, readText, requestNames, requests, types } from './contracts.mjs';

const require = createRequire(path.join(repositoryRoot, 'src/console/package.json'));
const ts = require('typescript');

// The files are compiled beside this one, where socket.io-client is found.
const here = path.join(repositoryRoot, 'tests/contracts');
const declarations = readText('schema/wire/parley.d.ts');
const options = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: [],
};
const node = 'declare const process: { env: Record<string, string | undefined> };\n';
const parsed = new Map(); // the libraries, once for all programs

/// A program of these files, by name, which exist in memory only.
function compile(files) {
  const own = new Map(Object.entries({ 'parley.d.ts': declarations, 'node.d.ts': node, ...files }).map(([name, text]) => [path.join(here, name), text]));
  const host = ts.createCompilerHost(options);
  const disk = { getSourceFile: host.getSourceFile, fileExists: host.fileExists, readFile: host.readFile };
  host.fileExists = (name) => own.has(name) || disk.fileExists(name);
  host.readFile = (name) => own.get(name) ?? disk.readFile(name);
  host.getSourceFile = (name, version) => {
    if (own.has(name)) return ts.createSourceFile(name, own.get(name), version);
    if (!parsed.has(name)) parsed.set(name, disk.getSourceFile(name, version));
    return parsed.get(name);
  };
  return ts.createProgram([...own.keys()], options, host);
}

const textOf = ({ file, start, messageText }) => {
  const place = file ? `${path.basename(file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1}: ` : '';
  return place + ts.flattenDiagnosticMessageText(messageText, ' ');
};
const faultsOf = (program) => ts.getPreEmitDiagnostics(program).map(textOf);

// ---- the same as the schemas

const program = compile({});
const checker = program.getTypeChecker();
const source = program.getSourceFile(path.join(here, 'parley.d.ts'));
const exported = new Map(checker.getExportsOfModule(checker.getSymbolAtLocation(source)).map((one) => [one.name, one]));
const typeNamed = (name) => {
  assert.ok(exported.has(name), `parley.d.ts has no type ${name}`);
  return checker.getDeclaredTypeOfSymbol(exported.get(name));
};
const typeOf = (symbol) => checker.getTypeOfSymbol(symbol);
const fieldOf = (type, name) => typeOf(type.getProperty(name));
const pascal = (name) => name.split('_').map((word) => word[0].toUpperCase() + word.slice(1)).join('');

/// What a reference leads to. All definitions are in types.json; `#` is the schema itself.
function follow(schema, root) {
  if (!schema.$ref) return schema;
  return schema.$ref === '#' ? root : types.$defs[schema.$ref.split('/$defs/')[1]];
}

function fieldsOf(schema, root) {
  const own = { properties: { ...schema.properties }, required: [...(schema.required ?? [])] };
  for (const part of schema.allOf ?? []) {
    const more = fieldsOf(follow(part, root), root);
    Object.assign(own.properties, more.properties);
    if (part.$ref || part.properties) own.required.push(...more.required);
  }
  return own;
}

const literalsOf = (type) => (type.isUnion() ? type.types : [type]).map((one) => one.value ?? one.intrinsicName).sort();
const isNull = (type) => (type.flags & ts.TypeFlags.Null) !== 0;
const withoutNull = (type) => checker.getNonNullableType(type);
const primitives = { string: ts.TypeFlags.StringLike, integer: ts.TypeFlags.NumberLike, number: ts.TypeFlags.NumberLike, boolean: ts.TypeFlags.BooleanLike };

/// Fails where a type is not what its schema is.
function compare(schema, type, where, root = schema, inside = []) {
  if (schema.$ref && inside.includes(schema.$ref)) return;
  const within = schema.$ref ? [...inside, schema.$ref] : inside;
  const one = follow(schema, root);
  const alternatives = one.oneOf ?? one.anyOf;
  const nullable = alternatives?.some(({ type: kind }) => kind === 'null') || (Array.isArray(one.type) && one.type.includes('null'));
  assert.equal((type.isUnion() ? type.types : [type]).some(isNull), nullable ?? false, `${where}: null`);
  if (alternatives) {
    const rest = alternatives.filter(({ type: kind }) => kind !== 'null');
    if (rest.length === 1) compare(rest[0], withoutNull(type), where, root, within);
    return; // of the others only the fields could be compared, and two have them in common
  }
  if (one.enum) return assert.deepEqual(literalsOf(type), [...one.enum].sort(), where);
  if ('const' in one) return assert.deepEqual(literalsOf(type), [typeof one.const === 'boolean' ? `${one.const}` : one.const], where);
  const kind = Array.isArray(one.type) ? one.type.find((word) => word !== 'null') : one.type;
  if (primitives[kind]) {
    const all = withoutNull(type);
    assert.ok((all.isUnion() ? all.types : [all]).every(({ flags }) => flags & primitives[kind]), `${where}: ${checker.typeToString(type)}, not ${kind}`);
    return;
  }
  if (kind === 'array') {
    assert.ok(checker.isArrayType(type), `${where}: no array`);
    return compare(one.items, checker.getTypeArguments(type)[0], `${where}[]`, root, within);
  }
  const { properties, required } = fieldsOf(one, root);
  if (one.type === 'object' && !one.properties && !one.allOf) return; // any fields
  const fields = Object.fromEntries(type.getProperties().map((field) => [field.name, !(field.flags & ts.SymbolFlags.Optional)]));
  const wanted = Object.fromEntries(Object.keys(properties).map((name) => [name, required.includes(name)]));
  assert.deepEqual(fields, wanted, `${where}: the fields, and whether they are required`);
  for (const [name, inner] of Object.entries(properties)) {
    compare(inner, undefinedOut(fieldOf(type, name)), `${where}.${name}`, root, within);
  }
}

// An optional field may also be null.
function undefinedOut(type) {
  if (!type.isUnion()) return type;
  const left = type.types.filter(({ flags }) => !(flags & ts.TypeFlags.Undefined));
  return left.some(isNull) ? type : checker.getNonNullableType(type);
}

describe('parley.d.ts', () => {
  test('compiles', () => assert.deepEqual(faultsOf(program), []));

  test('has the types of types.json', () => {
    for (const [name, schema] of Object.entries(types.$defs)) compare(schema, typeNamed(name), name);
  });

  test('has the requests, and their answers', () => {
    const map = typeNamed('Requests');
    assert.deepEqual(map.getProperties().map(({ name }) => name).sort(), requestNames);
    for (const name of requestNames) {
      compare(requests[name], typeNamed(pascal(name)), pascal(name));
      compare(requests[name], fieldOf(fieldOf(map, name), 'body'), name);
      compare(requests[name].$defs.answer, fieldOf(fieldOf(map, name), 'answer'), `the answer to ${name}`);
    }
  });

  test('has the events', () => {
    const map = typeNamed('Events');
    assert.deepEqual(map.getProperties().map(({ name }) => name).sort(), eventNames);
    for (const name of eventNames) {
      compare(events[name], typeNamed(pascal(name)), pascal(name));
      compare(events[name], fieldOf(map, name), name);
    }
  });

  test('has the routes, with their parameters', () => {
    const map = typeNamed('Routes');
    assert.deepEqual(map.getProperties().map(({ name }) => name).sort(), operations.map(({ key }) => key).sort());
    for (const { key, parameters, operation, statuses } of operations) {
      const route = fieldOf(map, key);
      const query = route.getProperty('query');
      const asked = query ? typeOf(query).getProperties() : [];
      const inQuery = parameters.filter((one) => one.in === 'query');
      assert.deepEqual(asked.map(({ name }) => name).sort(), inQuery.map(({ name }) => name).sort(), key);
      for (const field of asked) {
        const needed = inQuery.find(({ name }) => name === field.name).required ?? false;
        assert.equal(!(field.flags & ts.SymbolFlags.Optional), needed, `${key} ${field.name}`);
      }
      const body = operation.requestBody?.content['application/json'].schema;
      assert.equal(route.getProperty('body') !== undefined, body !== undefined, key);
      if (body) {
        const own = body.$ref.startsWith('requests/') ? requests[path.basename(body.$ref, '.json')] : body;
        compare(own, fieldOf(route, 'body'), `${key}, the body`);
      }
      const content = Object.values(operation.responses[statuses[0]].content)[0];
      compare(content.schema, fieldOf(route, 'answer'), `${key}, the answer`);
    }
  });

  test('has the examples', () => {
    const lines = ["import type * as wire from './parley';"];
    const take = (type, values) => values.forEach((value) => lines.push(`((it: ${type}) => it)(${JSON.stringify(value)});`));
    for (const name of requestNames) take(`wire.Requests['${name}']['body']`, requests[name].examples);
    for (const name of eventNames) take(`wire.Events['${name}']`, events[name].examples);
    for (const { key, operation } of operations) {
      const { examples } = operation.requestBody?.content['application/json'] ?? {};
      if (examples) take(`wire.Routes['${key}']['body']`, Object.values(examples).map(({ value }) => value));
    }
    assert.deepEqual(faultsOf(compile({ 'examples.ts': lines.join('\n') })), []);
  });

  test('is found to differ by these comparisons', () => {
    const { timestamp, ...fewer } = types.$defs.Message.properties;
    assert.ok(timestamp);
    const wrong = [
      { ...types.$defs.Message, properties: fewer },
      { ...types.$defs.Message, required: types.$defs.Message.required.slice(1) },
      { ...types.$defs.Message, properties: { ...types.$defs.Message.properties, seq: { type: 'string' } } },
      { ...types.$defs.Message, properties: { ...types.$defs.Message.properties, toRole: { enum: ['robot'] } } },
      { ...types.$defs.Message, properties: { ...types.$defs.Message.properties, content: { oneOf: [{ type: 'string' }, { type: 'null' }] } } },
    ];
    for (const schema of wrong) assert.throws(() => compare(schema, typeNamed('Message'), 'Message'), assert.AssertionError);
  });
});

// ---- of use

const page = readText('docs/contracts.md');
const [client, lister] = [...page.matchAll(/```ts\n([^]*?)```/g)].map(([, text]) => text);
const [checking] = [...page.matchAll(/```js\n([^]*?)```/g)].map(([, text]) => text);

describe('the clients of docs/contracts.md', () => {
  const world = useServer();
  const run = async (text) => {
    const plain = ts.transpileModule(text, { compilerOptions: { target: options.target, module: options.module } }).outputText;
    const script = plain.replaceAll('schema/wire/', `${path.join(repositoryRoot, 'schema/wire')}/`);
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: path.join(repositoryRoot, 'tests'), // where its packages are
      env: { ...process.env, PARLEY_URL: world.server.url },
      timeout: 60_000,
    });
    return stdout;
  };

  test('compile with --strict', () => {
    assert.deepEqual(faultsOf(compile({ 'client.ts': client, 'lister.ts': lister })), []);
    assert.ok(client.split('\n').filter((line) => line !== '').length <= 15, 'in 15 lines');
  });

  test('do not compile with a wrong name in them', () => {
    const mistakes = [
      [client, "content: 'It", "contents: 'It", /contents/],
      [client, "'cx-agent'", "'agent'", /"agent"/],
      [client, 'message.content', 'message.text', /text/],
      [client, "'new_message'", "'new_mesage'", /new_mesage/],
      [client, "'join_room'", "'join'", /"join"/],
      [client, 'sent.position', 'sent.place', /place/],
      [client, 'userId:', 'user:', /user/],
      [lister, "'waiting'", "'longest'", /longest/],
      [lister, 'waitingSince }', 'waiting }', /waiting/],
    ];
    const files = Object.fromEntries(mistakes.map(([text, right, wrong], i) => [`mistake${i}.ts`, text.replace(right, wrong)]));
    const faults = faultsOf(compile(files));
    for (const [i, [text, right, , words]] of mistakes.entries()) {
      assert.ok(text.includes(right), right);
      const own = faults.filter((fault) => fault.startsWith(`mistake${i}.ts:`));
      assert.ok(own.some((fault) => words.test(fault)), `${right}: ${own.join('; ') || 'compiles'}`);
    }
  });

  test('run', async () => {
    assert.match(await run(client), /^(olga: It arrives today\.\n|stored at position \d+\n){2}$/);
    await rest(world.server, 'POST', '/chat/messages', { conversationId: 'waits', fromUserId: 'ann', fromRole: 'cx-customer', content: 'Hello?' });
    assert.match(await run(lister), /^waits 2\d{3}-.*Z\nlate-parcel null\n$/);
    assert.match(await run(checking), /^false \d\n$/);
  });
});
