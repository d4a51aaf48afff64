// One HTTP request on its own connection, so that a server that is about to be stopped has no idle
// keep-alive connection.
import http from 'node:http';
import https from 'node:https';
import { bounded, patience } from './server.mjs';

const answerMsMax = 10_000 * patience;

/// Sends `body` as JSON (a string unchanged). Returns { status, headers, text, body }; `body` is
/// undefined if the reply is not JSON. `more` are further headers. Non-ASCII in `path` is percent-encoded.
export function rest(server, method, path, body, more = {}) {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const headers = text === undefined ? { ...more } : { 'content-type': 'application/json', ...more };
  if (text !== undefined) headers['content-length'] = Buffer.byteLength(text);
  const url = new URL(path, server.url);
  const answer = new Promise((resolve, reject) => {
    const { request: open } = url.protocol === 'https:' ? https : http;
    const request = open(url, { method, headers, agent: false, ca: server.ca }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const received = Buffer.concat(parts).toString('utf8');
        resolve({
          status: response.statusCode,
          headers: response.headers,
          text: received,
          body: parsed(received),
        });
      });
    });
    request.on('error', reject);
    request.end(text);
  });
  return bounded(answer, answerMsMax, `${method} ${path}`);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
