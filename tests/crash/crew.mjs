// The users of the server while it is killed: customers, agents, supervisors and robots on every
// kind of stock client, in several rooms, and one user who only uses REST.
import assert from 'node:assert/strict';
import { fence, kinds, rest } from '../clients/support.mjs';
import { oneOf, seeded, shuffled } from '../support/seeded.mjs';
import { Person, RestPerson } from './person.mjs';
import { Witness } from './witness.mjs';

const roomCount = 6;
const pageMax = 100;
const workers = [
  ...Array.from({ length: 6 }, (_, i) => ({ id: `customer-${i}`, role: 'cx-customer', roomCount: 2 })),
  ...Array.from({ length: 4 }, (_, i) => ({ id: `agent-${i}`, role: 'cx-agent', roomCount: 3 })),
  ...Array.from({ length: 2 }, (_, i) => ({ id: `robot-${i}`, role: 'robot', roomCount: 2 })),
  { id: 'retrier', role: 'cx-customer', roomCount: 2, kind: kinds.v4WebSocket, retries: true },
];
// These are in every room and send nothing.
const listeners = [
  { id: 'overseer', role: 'cx-supervisor', kind: kinds.v4WebSocket, dashboard: true },
  { id: 'auditor', role: 'cx-supervisor', kind: kinds.v4Polling, dashboard: true },
  { id: 'bystander', role: 'cx-customer', kind: kinds.v4 },
];

export class Crew {
  constructor(server, book, seed) {
    const random = seeded(seed);
    this.server = server;
    this.book = book;
    this.rooms = Array.from({ length: roomCount }, (_, i) => `room-${i}`);
    const some = (count) => shuffled(random, this.rooms).slice(0, count);
    const ownRandom = () => seeded(Math.floor(random() * 2 ** 31));
    this.people = [
      ...workers.map(
        ({ roomCount: count, ...who }) =>
          new Person({ kind: oneOf(random, Object.values(kinds)), ...who, rooms: some(count), random: ownRandom() }),
      ),
      ...listeners.map((who) => new Person({ ...who, rooms: this.rooms, random: ownRandom(), quiet: true })),
      new RestPerson({ id: 'rest', role: 'cx-customer', rooms: some(3), random: ownRandom() }),
    ];
    this.witnesses = this.people.map((person) => new Witness(person, book));
  }

  #all(what) {
    return Promise.all(this.people.map((person) => person[what]()));
  }

  open() {
    for (const person of this.people) person.open(this.server.url);
  }

  /// Waits until all clients have reconnected by themselves and repeated their unanswered requests.
  /// Then everything they received before and after the kill is in the log, once, and nothing is
  /// missing.
  async comeBack() {
    await this.#all('connected');
    await Promise.all(this.people.map(({ finished }) => finished));
    await this.#all('arrive');
    await this.#all('repeat');
    await this.settle();
    await this.#checkHistory();
    await this.#checkViews();
  }

  work() {
    for (const person of this.people) person.work();
  }

  stop() {
    for (const person of this.people) person.stop();
  }

  /// Call this while the server is down, before it starts again.
  cutOff() {
    for (const person of this.people) person.cutOff();
  }

  /// Compares everything received so far with the log. For a quiet moment use `settle`.
  async audit() {
    await this.book.read();
    for (const witness of this.witnesses) witness.check();
  }

  /// Waits until nothing is in flight any more, then audits.
  async settle() {
    const fenced = this.people.filter(({ subscribes, retries }) => subscribes && !retries);
    await fence(this.server, fenced.map(({ client }) => client));
    await this.audit();
    for (const [i, person] of this.people.entries()) {
      if (fenced.includes(person)) this.witnesses[i].checkNothingMissing();
    }
  }

  /// Checks that each conversation's history, over the socket and over REST, equals the log, for
  /// staff and for a customer.
  async #checkHistory() {
    for (const viewer of this.people.filter(({ quiet }) => quiet)) {
      for (const room of this.rooms) {
        const stored = this.book.seenBy(viewer, room);
        assert.deepEqual(await historyOf(viewer, room), stored, `${viewer.id}: history of ${room}`);
      }
    }
    await this.audit(); // also of these replies, so that they are not kept
  }

  async #checkViews() {
    for (const room of this.rooms) {
      const stored = this.book.seenBy({ role: 'cx-supervisor' }, room);
      const { body } = await rest(this.server, 'GET', `/chat/conversations/${room}`);
      assert.equal(body.messageCount, stored.length, `${room}: messageCount`);
      if (stored.length > 0) assert.equal(body.lastMessageAt, stored.at(-1).timestamp);
    }
  }

  close() {
    for (const person of this.people) if (person.client) person.close();
  }

  sum(what) {
    return this.witnesses.reduce((sum, witness) => sum + witness[what], 0);
  }
}

async function historyOf(person, conversationId) {
  const all = [];
  for (;;) {
    const before = all.length > 0 ? { before: all[0].position } : {};
    const page = await person.ask('get_messages', { conversationId, limit: pageMax, ...before });
    assert.ok(page, `${person.id} was cut off while reading history`);
    all.unshift(...page);
    if (page.length < pageMax) return all;
  }
}
