// The server is killed at random moments under load, also between commit and broadcast, and
// connections are cut too. Stock clients recover, and at the end each of them has received exactly
// what the log holds: nothing lost, nothing duplicated, nothing out of order.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fence, history, kinds, reconnectMsMax, recovering, scenario, unique, useServer } from './support.mjs';

const roundCount = 20;
const roomCount = 3;
const windowMessages = 24; // sent by one writer and not yet acknowledged
const loadMsMax = 250;

const seed = Number(process.env.PARLEY_TEST_SEED || randomInt(1, 2 ** 31));

/// mulberry32: the same seed gives the same moments. In [0, 1).
function seeded(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const quick = (kind) => ({
  ...kind,
  options: { ...kind.options, reconnectionDelay: 20, reconnectionDelayMax: 100 },
});

/// Keeps messages in flight while the connection lives; those in flight when it ended may or may
/// not be stored.
class Writer {
  #count = 0;
  #stopped = false;

  constructor(client, room) {
    Object.assign(this, { client, room });
    this.fill();
  }

  fill() {
    for (let i = 0; i < windowMessages; i++) this.#send(this.client.socket.id);
  }

  stop() {
    this.#stopped = true;
  }

  #send(connection) {
    if (this.#stopped || !this.client.socket.connected || this.client.socket.id !== connection) return;
    const content = `${this.client.name} ${this.#count++}`;
    this.client.socket.emit('send_message', { conversationId: this.room, content }, () => this.#send(connection));
  }
}

describe('recovery under kill -9', () => {
  const world = useServer();
  scenario(
    world,
    `${roundCount} kills at random moments lose and duplicate nothing`,
    async (open, server) => {
      const random = seeded(seed);
      const rooms = Array.from({ length: roomCount }, () => unique('killed'));
      const clients = [];
      const add = async (kind, name, join) => {
        const client = await open(recovering(quick(kind)));
        client.name = name;
        await join(client);
        clients.push(client);
        return client;
      };
      const joins = (...names) => async (client) => {
        for (const name of names) await client.join(name, client.name, 'cx-agent');
      };
      await add(kinds.v4WebSocket, 'reader', joins(...rooms));
      await add(kinds.v4Polling, 'poller', joins(...rooms));
      const desk = await add(kinds.v4, 'desk', (client) => client.do('join_dashboard', {}));
      const both = await add(kinds.v4WebSocket, 'both', async (client) => {
        await joins(...rooms)(client);
        await client.do('join_dashboard', {});
      });
      const writers = [];
      for (const [i, room] of rooms.entries()) {
        writers.push(new Writer(await add(kinds.v4WebSocket, `writer-${i}`, joins(room)), room));
      }

      let recovered = 0;
      for (let round = 0; round < roundCount; round++) {
        await pause(random() * loadMsMax);
        if (random() < 0.5) clients[Math.floor(random() * clients.length)].socket.io.engine.close();
        await pause(random() * 20);
        await server.kill9();
        for (const client of clients) await client.dropped();
        await server.start(server.port);
        for (const client of clients) {
          await client.connected(reconnectMsMax);
          assert.equal(client.socket.recovered, true, `${client.name} in round ${round}`);
          recovered++;
        }
        for (const writer of writers) writer.fill();
      }
      for (const writer of writers) writer.stop();
      await fence(server, clients);

      let lost = 0;
      let doubled = 0;
      let told = 0;
      for (const room of rooms) {
        const stored = (await history(server, room)).map(({ id }) => id);
        for (const client of clients) {
          if (client === desk || (client.name.startsWith('writer') && client.name !== `writer-${rooms.indexOf(room)}`)) continue;
          const heard = client.log.filter(({ name, body }) => name === 'new_message' && body.conversationId === room).map(({ body }) => body.id);
          const once = new Set(heard);
          told += heard.length;
          doubled += heard.length - once.size;
          lost += stored.filter((id) => !once.has(id)).length;
          assert.deepEqual([...once], stored.filter((id) => once.has(id)), `${client.name}: the log's order`);
        }
        for (const client of [desk, both]) {
          const counts = client.log.filter(({ name, body }) => name === 'conversation_updated' && body.conversationId === room).map(({ body }) => body.changes.messageCount);
          const once = new Set(counts);
          told += counts.length;
          doubled += counts.length - once.size;
          lost += stored.length - once.size;
          assert.deepEqual([...once], [...once].sort((a, b) => a - b), `${client.name}: counts rise`);
        }
      }
      console.log(
        `recovery under kill -9: PARLEY_TEST_SEED=${seed}, ${roundCount} kills, ${recovered} recoveries, ` +
          `${told} broadcasts, lost ${lost}, duplicated ${doubled}`,
      );
      assert.ok(told > 1000);
      assert.deepEqual({ lost, doubled }, { lost: 0, doubled: 0 });
    },
    { msMax: 180_000 },
  );
});
