// One user on one stock client that survives kills of the server: the client reconnects by itself,
// repeats unanswered requests, and does what a user does, several things at once.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, answerMsMax, bounded, kinds, reconnectMsMax, recovering, rest } from '../clients/support.mjs';
import { between, oneOf } from '../support/seeded.mjs';

const hands = 3; // what one person does at once
const pauseMsMax = 25;
const answeredKept = 3;
const typingChance = 0.15;
// Refusals that are correct for a user who does so many things at once.
const fairRefusals = ['not_participant', 'conversation_not_found', 'busy'];
// Reconnects quickly, so that rounds are short; everything else is the client's default.
const options = { reconnectionDelay: 50, reconnectionDelayMax: 300 };

export class Person {
  subscribes = true; // receives the events of the rooms it joins
  mayDrop = true; // the server may be down, or about to be killed
  faults = [];
  refused = 0;
  #unanswered = new Map(); // clientMessageId -> dto
  #answered = []; // { dto, reply }, the newest few
  #pending = new Set(); // { request, conversationId, resolve }
  #number = 0;
  #connectsSeen = 0;
  finished = Promise.resolve();
  #working = false;
  #drafts = []; // robots' messages seen, which staff may share

  constructor({ id, role, rooms, kind, random, retries = false, quiet = false, dashboard = false }) {
    Object.assign(this, { id, role, rooms, kind, random, retries, quiet, dashboard });
  }

  open(url) {
    const more = this.retries ? { retries: 1000, ackTimeout: 3000 } : {};
    const kind = { ...this.kind, options: { ...this.kind.options, ...options, ...more } };
    // Every client that can recover asks for recovery.
    this.client = new Client(this.kind === kinds.v3 ? kind : recovering(kind), url);
    const { socket, log } = this.client;
    socket.on('connect', () => {
      log.push({ name: 'connect', body: { pid: socket._pid, recovered: socket.recovered === true } });
    });
    socket.on('disconnect', (reason) => {
      if (!this.mayDrop) this.faults.push(new Error(`${this.id} lost its connection by ${reason}`));
      const unanswered = [...this.#pending];
      log.push({ name: 'drop', body: { unanswered } });
      if (this.retries) return; // the client itself repeats the request
      for (const one of unanswered) one.resolve(undefined);
    });
  }

  /// The server is down: only connections made from now on count.
  cutOff() {
    this.#connectsSeen = this.client.connects;
  }

  async connected() {
    const { client } = this;
    const anew = () => client.socket.connected && client.connects > this.#connectsSeen;
    await client.until(anew, `${this.id} coming back`, reconnectMsMax);
  }

  /// Everything recorded since the last call.
  take() {
    const { log, faults } = this.client;
    if (faults.length > 0) throw faults[0];
    if (this.faults.length > 0) throw this.faults[0];
    for (const { name, body } of log) {
      if (name === 'new_message' && body.type === 'robot' && !body.originalMessageId) {
        this.#drafts.push(body);
      }
    }
    this.#drafts.splice(0, this.#drafts.length - 20);
    return log.splice(0);
  }

  /// Subscribes to everything this person follows. Persons that send nothing rely on recovery if
  /// the server offers it; the others may have been disconnected while they left a room.
  async arrive() {
    this.mayDrop = false;
    if (this.quiet && this.client.socket.recovered === true) return;
    const requests = this.rooms.map((room) => this.#join(room));
    if (this.dashboard) requests.push(this.ask('join_dashboard', {}));
    for (const reply of await Promise.all(requests)) assert.ok(reply, `${this.id} did not arrive`);
  }

  /// Repeats every message without a reply, and a few with one: the reply is the same as the first.
  async repeat() {
    for (const dto of [...this.#unanswered.values()]) await this.#send(dto);
    for (const { dto, reply } of this.#answered.splice(0)) {
      const again = await this.ask('send_message', dto);
      if (again) assert.deepEqual(again, reply, `${this.id}: another answer to a repeated message`);
    }
  }

  /// Works until `stop`; `finished` settles when all requests have a reply or lost their
  /// connection.
  work() {
    this.mayDrop = true;
    this.#working = true;
    const loops = Array.from({ length: this.quiet ? 0 : hands }, () => this.#loop());
    this.finished = Promise.all(loops).catch((error) => this.faults.push(error));
  }

  stop() {
    this.#working = false;
  }

  close() {
    this.mayDrop = true;
    this.client.close();
  }

  /// Sends a request; returns the reply, or undefined if the connection dropped first.
  async ask(request, dto) {
    const { socket } = this.client;
    const { conversationId } = dto;
    const one = { request, conversationId };
    const answer = new Promise((resolve) => {
      one.resolve = resolve;
      if (!this.retries && !socket.connected) return resolve(undefined);
      this.#pending.add(one);
      // A client with `retries` puts an error before the reply.
      socket.emit(request, dto, (...given) => resolve(this.answered(request, conversationId, given.at(-1))));
    });
    const msMax = this.retries ? reconnectMsMax : answerMsMax;
    return bounded(answer, msMax, `${this.id}: the ack of ${request}`)
      .finally(() => this.#pending.delete(one));
  }

  /// Records a reply at once; returns it, or undefined if it is a refusal.
  answered(request, conversationId, reply) {
    if (reply?.success === false) {
      this.refused++;
      if (!fairRefusals.includes(reply.code)) {
        this.faults.push(new Error(`${this.id}, ${request}: refused with ${JSON.stringify(reply)}`));
      }
      return undefined;
    }
    this.client.log.push({ name: `ack:${request}`, body: { conversationId, reply } });
    return reply;
  }

  async #loop() {
    while (this.#working) {
      await this.#act();
      await pause(between(this.random, 0, pauseMsMax));
    }
  }

  #act() {
    const room = oneOf(this.random, this.rooms);
    const dice = this.random();
    if (!this.retries && !this.client.socket.connected) return undefined;
    if (dice < typingChance) return this.#type(room);
    if (dice < 0.2) return this.ask('get_messages', { conversationId: room, limit: between(this.random, 1, 40) });
    if (dice < 0.24) return this.#leaveAndReturn(room);
    if (dice < 0.28 && this.role === 'cx-agent') return this.#share();
    return this.#say(room);
  }

  #join(conversationId) {
    return this.ask('join_room', { conversationId, userId: this.id, userRole: this.role });
  }

  async #leaveAndReturn(room) {
    await this.ask('leave_room', { conversationId: room, userId: this.id });
    await this.#join(room);
  }

  async #type(conversationId) {
    await this.ask('typing_start', { conversationId, userId: this.id, userName: `Name of ${this.id}` });
    if (this.random() < 0.5) await this.ask('typing_stop', { conversationId, userId: this.id });
  }

  async #share() {
    const draft = this.#drafts.pop();
    if (!draft) return;
    const { id: originalMessageId, conversationId } = draft;
    await this.ask('share_robot_message', { originalMessageId, conversationId, fromUserId: this.id });
  }

  async #say(conversationId) {
    const key = `${this.id}-${this.#number++}`;
    const filler = oneOf(this.random, ['', ' wohin? 📦', ' שלום', ' x'.repeat(between(this.random, 1, 400))]);
    const dto = { conversationId, content: key + filler, fromUserId: this.id, fromRole: this.role };
    if (this.role === 'robot') dto.type = 'robot';
    if (this.role === 'cx-agent' && this.random() < 0.1) dto.isVisible = false;
    if (this.retries || this.random() < 0.6) dto.clientMessageId = key;
    await this.#send(dto);
  }

  async #send(dto) {
    const { clientMessageId } = dto;
    if (clientMessageId) this.#unanswered.set(clientMessageId, dto);
    const reply = await this.ask('send_message', dto);
    if (!clientMessageId || !reply) return;
    this.#unanswered.delete(clientMessageId);
    this.#answered.push({ dto, reply });
    if (this.#answered.length > answeredKept) this.#answered.shift();
  }
}

/// The same over REST: this person receives only replies.
export class RestPerson extends Person {
  subscribes = false;

  open(url) {
    this.server = { url };
    this.client = { log: [], faults: [], socket: { connected: true } };
  }

  cutOff() {}
  async connected() {}
  async arrive() {}
  close() {}

  async ask(request, dto) {
    const room = `/chat/conversations/${encodeURIComponent(dto.conversationId)}`;
    const calls = {
      send_message: ['POST', '/chat/messages'],
      join_room: ['POST', `${room}/join`],
      leave_room: ['POST', `${room}/leave`],
      get_messages: ['GET', `${room}/messages?limit=${dto.limit}`],
    };
    if (!calls[request]) return undefined;
    const [method, path] = calls[request];
    const answer = await rest(this.server, method, path, method === 'POST' ? dto : undefined)
      .catch(() => undefined); // the server was killed meanwhile, or is down
    if (!answer) return undefined;
    const { conversationId } = dto;
    return this.answered(request, conversationId, answer.body);
  }
}
