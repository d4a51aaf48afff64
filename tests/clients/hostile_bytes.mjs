// What the protocols of bytes allow a hostile client to say: HTTP heads, bodies in chunks, WebSocket
// handshakes and frames. Each list holds texts or Buffers to be written to a fresh connection.
import { between, oneOf } from '../support/seeded.mjs';
import { frame } from './raw_socket.mjs';

const host = 'Host: localhost\r\n';
const targets = ['/chat/conversations', '/socket.io/?EIO=4&transport=polling', '/healthz', '/no/such'];

/// Heads that are wrong, odd or hostile.
export function heads() {
  const get = (more, target = targets[0]) => `GET ${target} HTTP/1.1\r\n${host}${more}\r\n`;
  const lines = [
    'x', ': x', ' : x', 'a b: x', 'a\u0000b: x', 'a: \u0000', 'a: \u0001', 'a: x\r y', 'a: x\r\n\tfolded', 'a: x\ny: z',
    `${'n'.repeat(300)}: x`, `a: ${'v'.repeat(9_000)}`, 'Host: other', 'Host:', 'Content-Length: 5\r\nContent-Length: 6',
    'Content-Length: -1', 'Content-Length: +5', 'Content-Length: 0x5', 'Content-Length: 5, 5', 'Content-Length: 99999999999999999999',
    'Content-Length: 18446744073709551617', 'Content-Length:', 'Content-Length: 999999999', 'Transfer-Encoding: chunked\r\nContent-Length: 5',
    'Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: chunked, gzip', 'Transfer-Encoding: chunked, chunked', 'Transfer-Encoding: "chunked"',
    'Transfer-Encoding: \u000bchunked', 'Transfer-Encoding : chunked', 'Transfer-Encoding: xchunked', 'Expect: 100-continue\r\nContent-Length: 5',
    'Expect: something', 'Authorization:', 'Authorization: Bearer', 'Authorization: Bearer  ', 'Authorization: Bearer a b', 'Authorization: bearer x.y.z',
    'Authorization: Basic YTpi', 'Authorization: Bearer \u00ff\u00fe', `Authorization: Bearer ${'x'.repeat(8_100)}`, 'Authorization: Bearer x\r\nAuthorization: Bearer y',
    'Cookie: =', 'Cookie: a', 'Cookie: a=b; a=c; ;;=;', `Cookie: ${'a=b; '.repeat(1_000)}`, 'X-Forwarded-For: 1.2.3.4, , ::1, nobody, 999.1.1.1',
    `X-Forwarded-For: ${'1.1.1.1,'.repeat(800)}`, 'Origin: ', 'Origin: http://', 'Origin: \u00ff', 'Origin: a\r\nOrigin: b', 'Sec-Fetch-Site: cross-site\r\nContent-Length: 1',
    'Upgrade: websocket', 'Connection: Upgrade', 'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: x', 'Connection: close, keep-alive, x',
    'Content-Type: \u0001', 'Accept-Encoding: =?utf-8?q?=0d=0aX:_y?=', 'Content-Length: =?utf-8?q?5?=', 'a: x\r\n'.repeat(120).slice(0, -2),
  ];
  const requests = [
    '', '\r\n', '\r\n\r\n\r\n\r\n', 'GET', 'GET /', 'GET /\r\n\r\n', 'GET / HTTP/0.9\r\n\r\n', `GET / HTTP/2.0\r\n${host}\r\n`, `GET / HTTP/1.1x\r\n${host}\r\n`,
    `GET  / HTTP/1.1\r\n${host}\r\n`, `GET / HTTP/1.1 \r\n${host}\r\n`, ` GET / HTTP/1.1\r\n${host}\r\n`, `G\u0000T / HTTP/1.1\r\n${host}\r\n`,
    `${'M'.repeat(40)} / HTTP/1.1\r\n${host}\r\n`, 'GET / HTTP/1.1\r\n\r\n', `GET / HTTP/1.1\n${host}\n`, `GET / HTTP/1.1\r${host}\r\r`,
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', Buffer.from('16030100c8010000c40303', 'hex'), Buffer.alloc(64), Buffer.alloc(40_000, 0x41), Buffer.alloc(40_000, 0xff),
    `GET ${'/'.repeat(9_000)} HTTP/1.1\r\n${host}\r\n`, `GET /${'a'.repeat(30_000)}`, `GET / HTTP/1.1\r\n${'x: y\r\n'.repeat(5_000)}`,
    `OPTIONS * HTTP/1.1\r\n${host}\r\n`, `CONNECT localhost:80 HTTP/1.1\r\n${host}\r\n`, `TRACE / HTTP/1.1\r\n${host}\r\n`, `DELETE / HTTP/1.1\r\n${host}\r\n`,
  ];
  for (const target of [
    '*', 'x', '//', '/%', '/%zz', '/%00', '/chat/../chat', '/chat/conversations/%ff', '/chat/conversations/%2e%2e/messages', '/chat/conversations/a%00b',
    '/chat/conversations//messages', '/chat/conversations/a/messages/last/0', '/chat/conversations/a/messages/last/99999999999999999999',
    `/chat/conversations/${'a'.repeat(200)}`, `/chat/conversations?limit=${'9'.repeat(300)}`, '/chat/conversations?limit=-1&limit=x&offset=1e9', '/chat/conversations?userId=%ff&userRole=boss',
    '/chat/conversations?%00=%', `/chat/conversations?${'a=b&'.repeat(1_500)}`, '/\u00fc', '/<script>', 'http://', 'http://localhost', 'http://other/healthz', 'http://[::1/healthz',
    '/socket.io', '/socket.io/?', '/socket.io/?EIO=3&transport=polling', '/socket.io/?EIO=4', '/socket.io/?EIO=4&transport=x', '/socket.io/?EIO=x&transport=polling',
    '/socket.io/?EIO=4&transport=polling&sid=x', `/socket.io/?EIO=4&transport=polling&sid=${'x'.repeat(3_000)}`, '/socket.io/?EIO=4&transport=websocket&sid=x', '/socket.io/?EIO=4&transport=polling&j=0&b64=1',
    '/socket.io/?EIO=4&transport=polling&token=x', '/socket.io/%', '/SOCKET.IO/?EIO=4&transport=polling',
  ]) {
    requests.push(get('', target), get('', target).replace('GET', 'POST'));
  }
  for (const line of lines) {
    for (const target of targets.slice(0, 2)) requests.push(get(`${line}\r\n`, target), `${get(`${line}\r\n`, target)}xxxxx`.replace('GET', 'POST'));
  }
  requests.push(get('').repeat(40)); // more than may be unanswered
  return requests;
}

/// Bodies in chunks, with a token that counts, so that they are read.
export function chunks(token) {
  const head = (target) =>
    `POST ${target} HTTP/1.1\r\n${host}Content-Type: application/json\r\nAuthorization: Bearer ${token}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const bodies = [
    '0\r\n\r\n', '\r\n', 'x\r\n', '-1\r\n', '+1\r\nx\r\n', ' 1\r\nx\r\n', '1 \r\nx\r\n0\r\n\r\n', '0x1\r\nx\r\n', '1;\r\nx\r\n0\r\n\r\n', '1;a=\u0001\r\nx\r\n', `1;${'a'.repeat(20_000)}\r\nx\r\n`,
    'ffffffffffffffff\r\nx', '10000000000000000\r\nx', `${'0'.repeat(40)}1\r\nx\r\n`, '7fffffff\r\nx', '1\nx\n0\n\n', '1\r\nxy\r\n', '1\r\nx', '2\r\nx\r\n0\r\n\r\n', '1\r\nx\r0\r\n', '5\r\n{"a":\r\n0\r\n\r\n',
    '2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n', '2\r\n{}\r\n0\r\nx\r\n\r\n', `2\r\n{}\r\n0\r\n${'t: v\r\n'.repeat(9_000)}\r\n`, '2\r\n{}\r\n0\r\n x: y\r\n\r\n', '2\r\n{}\r\n0\r\nx\u0000: y\r\n\r\n',
    '1\r\n{\r\n'.repeat(3_000), '2\r\n{}\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n', '2\r\n{}\r\n0\r\n\r\nsmuggled',
  ];
  return bodies.flatMap((body) => ['/chat/messages', '/socket.io/?EIO=4&transport=polling&sid=x'].map((target) => head(target) + body));
}

const upgrade = (more = '', target = '/socket.io/?EIO=4&transport=websocket') =>
  `GET ${target} HTTP/1.1\r\n${host}Upgrade: websocket\r\nConnection: Upgrade\r\n${more}\r\n`;
const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
export const handshake = upgrade(`Sec-WebSocket-Version: 13\r\n${key}`);

export function badHandshakes() {
  const version = 'Sec-WebSocket-Version: 13\r\n';
  return [
    upgrade(), upgrade(version), upgrade(key), upgrade(`Sec-WebSocket-Version: 8\r\n${key}`), upgrade(`Sec-WebSocket-Version: x\r\n${key}`), upgrade(`${version}Sec-WebSocket-Key: x\r\n`),
    upgrade(`${version}Sec-WebSocket-Key: ${'x'.repeat(2_000)}\r\n`), upgrade(`${version}${key}${key}`), upgrade(`${version}${key}Content-Length: 5\r\n`) + 'xxxxx', upgrade(`${version}${key}Transfer-Encoding: chunked\r\n`) + '0\r\n\r\n',
    handshake.replace('GET', 'POST'), handshake.replace('HTTP/1.1', 'HTTP/1.0'), upgrade(`${version}${key}`, '/socket.io/?EIO=4&transport=polling'), upgrade(`${version}${key}`, '/healthz'),
    upgrade(`${version}${key}`, '/socket.io/?EIO=3&transport=websocket'), upgrade(`${version}${key}`, '/socket.io/?EIO=4&transport=websocket&sid=x'), upgrade(`${version}${key}Sec-WebSocket-Protocol: \u0001\r\n`),
    upgrade(`${version}${key}Sec-WebSocket-Extensions: permessage-deflate; x="\r\n`), `${handshake}${handshake}`,
  ];
}

/// A frame with any head: `length` is what it says, not what it has.
function rawFrame(first, length, payload, { masked = true, as = 'short' } = {}) {
  const size = as === 'short' ? 1 : as === 'word' ? 3 : 9;
  const head = Buffer.alloc(size + 1);
  head[0] = first;
  if (as === 'short') head[1] = Number(length);
  if (as === 'word') (head[1] = 126), head.writeUInt16BE(Number(length), 2);
  if (as === 'long') (head[1] = 127), head.writeBigUInt64BE(BigInt(length), 2);
  if (masked) head[1] |= 0x80;
  return Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), Buffer.from(payload)]);
}

/// A good text frame of any length.
export function textFrame(text) {
  const payload = Buffer.from(text);
  return rawFrame(0x81, payload.length, payload, { as: payload.length < 126 ? 'short' : payload.length < 65_536 ? 'word' : 'long' });
}

/// Frames for a WebSocket whose handshake was good.
export function frames(random) {
  const ping = 'p'.repeat(126);
  const list = [
    rawFrame(0x81, 1, '2', { masked: false }), rawFrame(0xc1, 1, '2'), rawFrame(0xa1, 1, '2'), rawFrame(0x91, 1, '2'), rawFrame(0x80, 1, '2'), rawFrame(0x00, 1, '2'),
    rawFrame(0x89, 126, ping, { as: 'word' }), rawFrame(0x09, 1, 'p'), rawFrame(0x88, 1, '\u0003'), rawFrame(0x88, 2, Buffer.from([0x03, 0xed])), rawFrame(0x88, 2, Buffer.from([0, 1])), rawFrame(0x88, 4, Buffer.from([3, 0xe8, 0xff, 0xfe])),
    rawFrame(0x88, 0, ''), rawFrame(0x81, 1, '2', { as: 'word' }), rawFrame(0x81, 1, '2', { as: 'long' }), rawFrame(0x81, 1n << 63n, '2', { as: 'long' }), rawFrame(0x81, (1n << 62n) + 5n, '2', { as: 'long' }), rawFrame(0x82, 0xffffffff, '4', { as: 'long' }),
    rawFrame(0x81, 2, Buffer.from([0xff, 0xfe])), rawFrame(0x81, 3, Buffer.from([0x34, 0xed, 0xa0])), rawFrame(0x81, 4, Buffer.from([0x34, 0xf4, 0x90, 0x80])), rawFrame(0x81, 2, Buffer.from([0x34, 0xc3])),
    Buffer.concat([rawFrame(0x01, 1, '4'), rawFrame(0x81, 1, '2')]), Buffer.concat([rawFrame(0x01, 1, '4'), rawFrame(0x89, 0, ''), rawFrame(0x80, 1, '2')]), Buffer.concat([rawFrame(0x01, 1, '4'), rawFrame(0x82, 1, '2')]),
    Buffer.concat(Array.from({ length: 3_000 }, () => rawFrame(0x00, 1, 'x'))), Buffer.concat([rawFrame(0x01, 1, '4'), ...Array.from({ length: 3_000 }, () => rawFrame(0x00, 1, 'x'))]),
    Buffer.concat(Array.from({ length: 2_000 }, () => rawFrame(0x89, 5, 'hello'))), Buffer.concat(Array.from({ length: 500 }, () => rawFrame(0x81, 0, ''))), rawFrame(0x82, 0, ''), rawFrame(0x82, 5, 'bytes'), rawFrame(0x8a, 5, 'hello'),
    frame('40').subarray(0, 3), Buffer.from([0x81]), Buffer.from([0x81, 0xfe, 0xff]),
  ];
  for (let i = 0; i < 40; i++) {
    list.push(Buffer.from(Array.from({ length: between(random, 1, 60) }, () => between(random, 0, 255))));
    const good = frame(oneOf(random, ['40{"token":"x"}', '2probe', '42["a",{}]', '3']));
    good[between(random, 0, good.length - 1)] ^= 1 << between(random, 0, 7);
    list.push(good);
  }
  return list;
}
