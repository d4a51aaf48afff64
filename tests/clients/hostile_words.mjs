// What a hostile client can say in words: packets of Engine.IO and Socket.IO, bodies of requests,
// and tokens.
import { createHmac } from 'node:crypto';
import { between, oneOf } from '../support/seeded.mjs';
import { bad } from './bad_values.mjs';

const nested = (depth, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth);
const manyKeys = (count) => `{${Array.from({ length: count }, (_, i) => `"k${i}":0`).join(',')}}`;

/// Messages of Engine.IO, over either transport. None is a good request.
export function packets(random) {
  const list = [
    '', '0', '0{"sid":"x"}', '1x', '2', '2probe', '3', '3x', '5', '6', '7', '9', 'x', '\u0000', 'b', 'b====', 'bAAAA', '4', '4x', '40', '40[', '40[]', '40null', '40"x"', '40{"token":7}', '40{"token":null}', '40{"token":["x"]}',
    '40{"token":"","pid":"x","offset":7}', '40/', '40/other', '40/other,{"token":"x"}', '40,{}', '41', '41/other,', '42', '42[]', '42{}', '42null', '42"x"', '42[null]', '42[{}]', '42[[]]', '42[""]', '42["x"', '42["x",]', '42["x"]]',
    '421', '421[]', '42-1["x"]', '42 1["x"]', '42018446744073709551616["x"]', `42${'9'.repeat(400)}["x"]`, '42/other,["x"]', '42/,["x"]', '42["connect"]', '42["disconnect"]', '42["error"]', '42["__proto__",{}]', '42["x",{"__proto__":{"a":1}}]',
    '43', '431', '431[]', '43[]', '43999999[{}]', '44', '44{"message":"x"}', '45', '451-', '451-["x",{"_placeholder":true,"num":0}]', '4599999999-["x"]', '45-1-["x"]', '450-["x"]', '451-["x",{"_placeholder":true,"num":7}]', '461-[]', '46', '47', '4\u00ff',
    `42["x",${nested(40)}]`, `42["x",${nested(100)}]`, `42["x",${nested(50_000)}]`, `42["x",${nested(50_000, '{"a":', '}').replace('{"a":}', '{}')}]`, `42${'['.repeat(90_000)}`, `42["x",${manyKeys(255)}]`, `42["x",${manyKeys(300)}]`, `42["x",${manyKeys(20_000)}]`,
    '42["x",{"a":1,"a":2}]', '42["x",1e400]', '42["x",-1e999999]', `42["x",${'9'.repeat(100_000)}]`, '42["x","\\ud800"]', '42["x","\\udc00\\ud800"]', '42["x","\\u0000"]', '42["x","\\x41"]', '42["x","a\nb"]', '42["x",NaN]', '42["x",Infinity]', '42["x",01]', '42["x",.5]',
    '42["x",tru]', '42["x",undefined]', '42["x",/*c*/1]', '42[\'x\']', `42["${'e'.repeat(100_000)}",{}]`, `42["join_room",${JSON.stringify('x'.repeat(300_000))}]`, `4${'x'.repeat(500_000)}`, '42["join_room"]', '42["join_room",{},{},{}]', '42["send_message",[]]',
  ];
  const good = ['42["send_message",{"conversationId":"c","content":"x"}]', '421["get_messages",{"conversationId":"c","limit":5}]', '40{"token":"x.y.z"}', '4212["join_room",{"conversationId":"c","userId":"u","userRole":"cx-agent"}]'];
  for (let i = 0; i < 120; i++) {
    const bytes = [...oneOf(random, good)];
    const at = between(random, 0, bytes.length - 1);
    const change = between(random, 0, 3);
    if (change === 0) bytes.splice(at, 1);
    else if (change === 1) bytes.splice(at, 0, oneOf(random, ['"', '{', '[', ']', '}', '\\', ',', ':', '0', '-', '\u0000', '\u2028', '\ud83d\ude00']));
    else if (change === 2) bytes.length = at;
    else bytes[at] = String.fromCharCode(between(random, 1, 126));
    list.push(bytes.join(''));
  }
  return list;
}

/// Bodies of POSTs over polling, to an open session.
export function posts(random) {
  const one = packets(random).filter((text) => text.length < 600_000);
  return [...one, '\x1e', '\x1e\x1e', '2\x1e', '\x1e2', '2\x1e2', Array(3_000).fill('2').join('\x1e'), Array(500).fill('42["x"]').join('\x1e'), Buffer.from([0x34, 0xff, 0xfe]), 'b\x1eb', 'x'.repeat(5_000_000)];
}

const values = [
  null, true, 0, -1, 1.5, 1e300, '', 'x', 'x'.repeat(129), 'x'.repeat(600_000), '\u0000', '\u202e', '\ud800', [], [[]], {}, { a: 1 }, [null], '__proto__', 'cx-customer', 'robot', 'system', '1', Number.MAX_SAFE_INTEGER,
];

/// Requests of a socket: [name, body]. `room` exists.
export function* requests(room) {
  const good = {
    join_room: { conversationId: room, userId: 'hostile', userRole: 'cx-agent', hidden: true, joinData: {} },
    leave_room: { conversationId: room, userId: 'nobody' },
    send_message: { conversationId: room, content: 'x', fromUserId: 'hostile', fromRole: 'cx-agent', type: 'text', messageType: 'text', toRole: 'robot', isVisible: false, clientMessageId: 'm', expectedSeq: 0 },
    typing_start: { conversationId: room, userId: 'hostile', userName: 'H', toRole: 'robot', isVisible: false },
    typing_stop: { conversationId: room, userId: 'hostile' },
    get_messages: { conversationId: room, limit: 1, offset: 0, before: 5, after: 1 },
    share_robot_message: { originalMessageId: '01890000-0000-7000-8000-000000000000', conversationId: room, fromUserId: 'hostile', clientMessageId: 'm' },
    watch_room: { conversationId: room, userId: 'hostile', userRole: 'cx-agent' },
    unwatch_room: { conversationId: room },
    join_dashboard: {},
    leave_dashboard: {},
    authenticate: { token: 'x.y.z' },
    no_such_request: {},
  };
  const lists = [...bad.id, ...bad.limit, ...bad.flag].map(([, value]) => value);
  for (const [name, body] of Object.entries(good)) {
    yield [name, body];
    for (const value of values) yield [name, value];
    for (const field of Object.keys(body)) {
      const { [field]: _, ...without } = body;
      yield [name, without];
      for (const value of [...values, ...lists]) yield [name, { ...body, [field]: value }];
    }
  }
}

/// REST requests: [method, path, body].
export function* restRequests(room) {
  const paths = [`/chat/conversations/${room}/join`, `/chat/conversations/${room}/leave`, '/chat/messages', '/chat/conversations/start'];
  const fields = ['userId', 'userRole', 'fromUserId', 'fromRole', 'content', 'conversationId', 'createdBy', 'createdByRole', 'title', 'initialParticipants', 'joinData', 'expectedSeq', 'type'];
  const good = { conversationId: room, userId: 'u', userRole: 'cx-agent', fromUserId: 'u', fromRole: 'cx-agent', content: 'x', createdBy: 'u', createdByRole: 'cx-agent' };
  for (const path of paths) {
    for (const text of ['', '{', '[]', 'null', '"x"', '1', '{}', nested(70), nested(100_000), manyKeys(400), '{"a":1}{"b":2}', '\u0000', '{"content":"\\ud800"}', '{"a":1e999}']) yield ['POST', path, text];
    for (const field of fields) for (const value of values) yield ['POST', path, { ...good, [field]: value }];
    for (const [, value] of bad.participants) yield ['POST', path, { ...good, initialParticipants: value }];
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) yield [method, path, {}];
  }
  for (const query of ['limit=0', 'limit=x', 'limit=101', 'offset=-1', 'offset=99999999', 'before=x', 'after=-1', 'before=99999999999999999999', 'userId=', 'userId=%00', 'userRole=boss', 'userId=other', 'limit', '&&&', '%', 'limit=%zz']) {
    for (const path of ['/chat/conversations', `/chat/conversations/${room}`, `/chat/conversations/${room}/messages`, `/chat/conversations/${room}/participants`, '/chat/dashboard/stats', '/metrics', '/readyz']) yield ['GET', `${path}?${query}`];
  }
}

const b64 = (bytes) => Buffer.from(bytes).toString('base64url');

/// Tokens that must not count; `good` is one that does, signed with `secret`.
export function tokens(good, secret) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: 'root', role: 'cx-supervisor', exp: now + 3600 };
  const hs = (head, body, hash = 'sha256') => {
    const text = `${b64(typeof head === 'string' ? head : JSON.stringify(head))}.${b64(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body))}`;
    return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`;
  };
  const h = { alg: 'HS256' };
  const [head, body, signature] = good.split('.');
  const other = signature.slice(0, -1) + (signature.endsWith('A') ? 'B' : 'A');
  return [
    '', '.', '..', '...', '....', 'a.b', 'a.b.c', '.'.repeat(7_000), 'x'.repeat(20_000), `${good}.extra`, `${good}=`, `${good} `, ` ${good}`, `${good}\t`, good.slice(0, -1), `${good}A`, `${head}.${body}.${other}`, `${head}.${body}.`, `${head}..${signature}`, `.${body}.${signature}`,
    `${head}.${b64(JSON.stringify(claims))}.${signature}`, `${b64('{"alg":"none"}')}.${body}.`, `${b64('{"alg":"none"}')}.${body}.${signature}`, `${b64('{"alg":"None"}')}.${body}.`, good.replace('.', '+'), good.toUpperCase(), good.replaceAll('-', '+').replaceAll('_', '/') + '/',
    hs({ alg: 256 }, claims), hs({ typ: 'JWT' }, claims), hs({ alg: ['HS256'] }, claims), hs({ alg: 'HS512' }, claims, 'sha512'), hs({ alg: 'RS256' }, claims), hs({ ...h, crit: ['b64'], b64: false }, claims), hs({ ...h, kid: 7 }, claims), hs('["HS256"]', claims), hs('{"alg":"HS256","alg":"none"}', claims),
    hs(h, '[1,2]'), hs(h, '"x"'), hs(h, ''), hs(h, '{"sub":"a","sub":"root"}'), hs(h, `{"sub":"a","exp":${now + 99},"a":${nested(2_000)}}`), hs(h, `{"sub":"a","exp":${now + 99},"a":${nested(6)}}`), hs(h, { ...claims, exp: 'never' }), hs(h, '{"sub":"a","role":"cx-agent","exp":1e300}'),
    hs(h, { ...claims, exp: null }), hs(h, { ...claims, exp: now - 9_999 }), hs(h, { ...claims, exp: -1 }), hs(h, { ...claims, nbf: now + 9_999 }), hs(h, { ...claims, nbf: 'x' }), hs(h, { ...claims, iat: [] }), hs(h, { role: 'cx-agent', exp: now + 99 }), hs(h, { ...claims, sub: 5 }), hs(h, { ...claims, sub: '' }),
    hs(h, { ...claims, sub: 'a\u0000b' }), hs(h, { ...claims, sub: 'x'.repeat(200) }), hs(h, { ...claims, role: undefined }), hs(h, { ...claims, role: 'boss' }), hs(h, { ...claims, role: ['cx-agent'] }), hs(h, { ...claims, kind: 'none' }), hs(h, { ...claims, kind: 'root' }), hs(h, { ...claims, conversations: 'c' }),
    hs(h, { ...claims, conversations: [7] }), hs(h, { ...claims, conversations: [''] }), hs(h, { ...claims, kind: 'service', roles: ['boss'] }), hs(h, Buffer.from('{"sub":"a\xff","role":"cx-agent","exp":9999999999}', 'latin1')), hs(h, '{"sub":"a"} {"sub":"b"}'), hs(h, '{/*c*/"sub":"a"}'),
  ];
}
