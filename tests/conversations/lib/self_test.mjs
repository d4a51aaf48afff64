// Tests of the runner itself: a wrong script fails, with the right reason at the right line. A
// check that cannot fail proves nothing about the server.
import { mismatch } from './match.mjs';
import { parseScript } from './parse.mjs';
import { Reader } from './value.mjs';

const uuid7 = '01890a5d-ac96-774b-bcce-b302099a8057';
const uuid4 = '6f1ed002-ab5f-4a1c-9c3b-1f2d3c4b5a69';

const matching = [
  // pattern, a value it accepts, a value it refuses
  ['{a: 1}', { a: 1, b: 2 }, { a: 2, b: 2 }],
  ['{a: 1}', { a: 1 }, { a: '1' }],
  ['{a: 1}', { a: 1 }, null],
  ['{a: 1}', { a: 1 }, [{ a: 1 }]],
  ['{a: 1}', { a: 1 }, {}],
  ['{}', {}, 'text'],
  ['exactly {a: 1}', { a: 1 }, { a: 1, b: 2 }],
  ['{inner: exactly {a: 1}}', { inner: { a: 1 }, more: 1 }, { inner: { a: 1, b: 2 } }],
  ['{a: absent}', { b: 1 }, { a: null }],
  ['{a: absent}', {}, { a: 0 }],
  ['{toString: absent}', {}, { toString: 1 }],
  ['{a: <any>}', { a: null }, {}],
  ['[1, 2]', [1, 2], [2, 1]],
  ['[1, 2]', [1, 2], [1, 2, 3]],
  ['[{a: 1}]', [{ a: 1 }], []],
  ['[]', [], [1]],
  ['[]', [], {}],
  ['<id>', uuid7, uuid4],
  ['<id>', uuid7, uuid7.toUpperCase()],
  ['<id>', uuid7, ''],
  ['<time>', '2026-01-31T23:59:59.999Z', '2026-01-31T23:59:59Z'],
  ['<time>', '2026-01-31T23:59:59.999Z', '2026-01-31T23:59:59.999+00:00'],
  ['<time>', '2026-01-31T23:59:59.999Z', '2026-13-31T23:59:59.999Z'],
  ['<time>', '2026-01-31T23:59:59.999Z', 1790000000000],
  ['<number>', 7, '7'],
  ['<number>', 0, -1],
  ['<number>', 7, 7.5],
  ['<text>', 'x', ''],
  ['<text with "userId">', 'userId is missing', 'a field is missing'],
  ['<list>', [], {}],
  ['<list 2>', [1, 2], [1]],
  ['true', true, 1],
  ['null', null, undefined],
  ['"é"', 'é', 'e\u0301'],
  ['"x" * 3', 'xxx', 'xx'],
  ['$known', { a: [1] }, { a: [1], b: 2 }],
  ['$known.a', [1], [2]],
  ['[<number as first>, $first]', [4, 4], [4, 5]],
];

const wellFormed = '# T\nclient A: user "a", role cx-agent\nclient B: over polling\n';
const malformed = [
  // script, part of the message, line
  ['client A\nA connects', 'first line must be the title', 1],
  ['# T\nclient A', 'no steps', 1],
  ['# T\nclient A\nclient A\nA connects', 'declared twice', 3],
  ['# T\nclient A: role boss\nA connects', 'not a role', 2],
  ['# T\nclient A: over pigeon\nA connects', 'a transport', 2],
  [`${wellFormed}C connects`, 'C is not a client', 4],
  [`${wellFormed}A connects\nclient C`, 'before the first step', 5],
  [`${wellFormed}A dances`, 'not a step', 4],
  [`${wellFormed}A connects twice`, 'cannot be read', 4],
  [`${wellFormed}B drops`, 'only a WebSocket can drop', 4],
  [`${wellFormed}B joins "c"`, 'needs a user and a role', 4],
  [`${wellFormed}A reconnects by itself`, 'not declared with reconnects', 4],
  [`${wellFormed}A receives x {a: }`, 'expected a pattern', 4],
  [`${wellFormed}A receives x {a: <uuid>}`, '<uuid> is unknown', 4],
  [`${wellFormed}A receives x {a: 1, a: 2}`, 'named twice', 4],
  [`${wellFormed}A receives x exactly 1`, 'after `exactly`', 4],
  [`${wellFormed}A receives x {a: 1`, 'stays open', 4],
  [`${wellFormed}A receives x "\\q"`, 'not a JSON string', 4],
  [`${wellFormed}A emits x {a: <id>}`, 'expected a value', 4],
  [`${wellFormed}A emits x exactly {a: 1}`, 'expected a value', 4],
  [`${wellFormed}A emits x {a: $b}`, '$b is used before', 4],
  [`${wellFormed}A receives x as n\nA receives y as n`, 'captured twice', 5],
  [`${wellFormed}GET /chat/$nowhere\nanswer 200`, '$nowhere is used before', 4],
  [`${wellFormed}A requests x {}`, "no step expects A's ack", 4],
  [`${wellFormed}A requests x {}\nB receives ack`, 'B has not asked for an ack', 5],
  [`${wellFormed}A emits x {}\nA receives ack`, 'A has not asked for an ack', 5],
  [`${wellFormed}GET /healthz\nA connects`, 'must expect the answer', 4],
  [`${wellFormed}answer 200`, 'must follow its request', 4],
  [`${wellFormed}A requests x {}\nA is refused`, 'a code', 5],
  [`${wellFormed}A is refused forbidden`, 'A has not asked for an ack', 4],
  [`${wellFormed}answer 404 refuses not_found`, 'must follow its request', 4],
  [`${wellFormed}wait 5 minutes`, 'seconds', 4],
  [`${wellFormed}the log shrinks`, 'grows', 4],
];

// Played against a real server: each must fail with this message.
const two = `# T
client A: user "a", role cx-customer, over websocket
client B: user "b", role cx-agent, over websocket
A joins "c"
B joins "c"
`;
const joined = `${two}A receives user_joined\n`;
const counted = `${joined}the log grows\n`;
const failing = [
  // script, part of the message, line
  [`${two}B receives nothing`, 'A received what no step expects', 6],
  [`${two}A receives nothing\nA receives user_joined`, 'A received what no step expects', 6],
  [`${two}A receives user_left`, 'expected user_left, received user_joined', 6],
  [`${two}A receives user_joined {participant: {userId: "x"}}`, 'participant.userId is "b", not "x"', 6],
  [`${two}A receives user_joined exactly {conversationId: "c"}`, 'must not be there: participant', 6],
  [`${joined}B says "hi" in "c"`, 'A received what no step expects', 7],
  [`${joined}B says "hi" in "c"\nA receives new_message {content: "ho"}`, 'content is "hi"', 8],
  [`${joined}B requests nothing_known {}\nB receives ack {success: true}`, 'success is false', 8],
  [
    `${joined}B requests send_message {conversationId: "c", content: "hi"}\n` +
      'B receives ack\nB receives new_message\nA receives new_message',
    'expected an ack, received new_message',
    8,
  ],
  [
    `${joined}the log grows by 3\nthe log grows`,
    'the log grew by 0',
    8,
  ],
  [`${joined}the log does not grow`, 'the log grew by 3', 7],
  [`${joined}GET /healthz\nanswer 201`, 'expected status 201, received 200', 8],
  [`${counted}A requests unknown\nA is refused forbidden`, 'code is "unknown_event"', 9],
  [`${counted}A requests unknown\nA is refused unknown_event with "no such words"`, 'does not say', 9],
  [`${joined}A requests unknown\nA is refused unknown_event`, 'the log grew by 3', 8],
  [`${counted}A requests get_messages {conversationId: "c"}\nA is refused forbidden`, 'not an object', 9],
  [`${counted}GET /nowhere\nanswer 404 refuses forbidden`, 'code is "not_found"', 9],
  [`${counted}GET /healthz\nanswer 404 refuses not_found`, 'expected status 404', 9],
  [`${joined}A receives user_left`, 'A received nothing', 7],
  [`${joined}A disconnects\nA emits x {}`, 'A is not connected', 8],
];

/// Prints what is wrong with the runner, and returns true if nothing is. `runScript` plays a
/// script's text on its own server.
export async function selfTest(runScript) {
  const wrong = [...matcherFaults(), ...parserFaults()];
  for (const [script, message, line] of failing) {
    const failure = await runScript(script, 'script', { quiet: true });
    wrong.push(...fault(script, failure?.startsWith(`script:${line}: `) && failure.includes(message), failure));
  }
  const count = matching.length * 2 + malformed.length + 1 + failing.length;
  for (const text of wrong) console.log(`FAIL  ${text}`);
  console.log(`self-test: ${count - wrong.length} passed, ${wrong.length} failed`);
  return wrong.length === 0;
}

function* matcherFaults() {
  for (const [text, accepted, refused] of matching) {
    const differs = (value) => {
      const captures = new Map([['known', { a: [1] }]]);
      return mismatch(new Reader(text, 1).pattern(), value, captures);
    };
    if (differs(accepted) !== undefined) yield `${text} must accept ${JSON.stringify(accepted)}`;
    if (differs(refused) === undefined) yield `${text} must refuse ${JSON.stringify(refused)}`;
  }
}

function* parserFaults() {
  try {
    parseScript(`${wellFormed}A connects`);
  } catch (error) {
    yield `a good script is refused: ${error.message}`;
  }
  for (const [script, message, line] of malformed) {
    let error;
    try {
      parseScript(script);
    } catch (thrown) {
      error = thrown;
    }
    yield* fault(script, error?.line === line && error.message.includes(message), error?.message);
  }
}

function fault(script, right, got) {
  return right ? [] : [`this must be refused for its reason:\n${script}\n  got: ${got ?? 'no failure'}`];
}
