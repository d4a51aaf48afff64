// What a customer may not see must not reach a customer: not in a frame, not in an answer over HTTP,
// not in the text of a refusal, and none of it the server's log. Every conversation has words and
// names of its own, and a customer who tries everything. PARLEY_LEAK_CONVERSATIONS says how many.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { as, ask, connect, done, ratesOff, tokenOf, useIdentityServer } from './identity.mjs';
import { seeded } from '../support/seeded.mjs';
import { patience } from './support.mjs';

const conversations = Number(process.env.PARLEY_LEAK_CONVERSATIONS || 300);
const atOnce = 20;
const word = (kind) => `${kind}${randomBytes(9).toString('hex')}`;

/// Everything that was said and done in one conversation, by the kind of those who may know it.
class Story {
  room = word('room');
  customer = word('customer');
  agent = word('agent');
  watcher = word('watcher'); // a supervisor who joins hidden
  shown = [word('shown')];
  hidden = [word('note'), word('whisper'), word('machine')];
  ids = { own: word('id'), note: word('id') };
}

async function tell(world, story) {
  const back = world.backSocket;
  const { room, customer, agent, shown, hidden, ids } = story;
  const must = async (name, body) => {
    const reply = await ask(back, name, { conversationId: room, ...body });
    assert.notEqual(reply.success, false, `${name}: ${JSON.stringify(reply)}`);
    return reply;
  };
  await must('send_message', { fromUserId: customer, fromRole: 'cx-customer', content: shown[0], clientMessageId: ids.own });
  await must('send_message', { fromUserId: agent, fromRole: 'cx-agent', content: hidden[0], isVisible: false, clientMessageId: ids.note });
  await must('send_message', { fromUserId: agent, fromRole: 'cx-agent', content: hidden[1], toRole: 'cx-supervisor' });
  const machine = await must('send_message', { fromUserId: `${agent}-bot`, fromRole: 'robot', content: hidden[2], type: 'robot' });
  story.machine = machine.message?.id;
  await watch(world, story);
}

/// A supervisor looks on, types and leaves again; the customer is there.
async function watch(world, { room, watcher }) {
  const token = tokenOf('supervisor', watcher);
  const post = (what, body) => done(world, token, 'POST', `/chat/conversations/${room}/${what}`, body);
  await post('join', { hidden: true });
  const socket = await connect(world, token);
  await ask(socket, 'join_room', { conversationId: room, hidden: true });
  await ask(socket, 'typing_start', { conversationId: room, userName: watcher });
  socket.disconnect();
}

/// A customer tries what its client, and what a hostile one could. Returns everything it was sent.
async function snoop(world, random, own, other) {
  const token = tokenOf('customer', own.customer);
  const socket = await connect(world, token, { auth: { token, recovery: true } });
  const said = [];
  const tries = async (name, body) => said.push([name, await ask(socket, name, body)]);
  const fetches = async (method, path, body) => said.push([path, (await as(world, token, method, path, body)).text]);
  const at = (story, rest = '') => `/chat/conversations/${story.room}${rest}`;
  const staff = { fromRole: 'cx-supervisor' };

  await tries('join_room', { conversationId: own.room });
  await tries('join_room', { conversationId: own.room, userRole: 'cx-agent' });
  await tries('join_dashboard', {});
  for (const story of [own, other]) {
    const conversationId = story.room;
    const message = { conversationId, content: 'hello' };
    await tries('get_messages', { conversationId, limit: 100 });
    await tries('get_messages', { conversationId, after: 0, offset: Math.floor(random() * 3) });
    await tries('send_message', { ...message, expectedSeq: 1 });
    await tries('send_message', { ...message, expectedSeq: 1, ...staff });
    await tries('send_message', { ...message, clientMessageId: story.ids.note });
    await tries('send_message', { ...message, clientMessageId: story.ids.note, fromUserId: story.agent });
    await tries('send_message', { ...message, clientMessageId: story.ids.own, content: story.shown[0] });
    await tries('send_message', { ...message, content: '', toRole: 'cx-agent' });
    await tries('typing_start', { conversationId, userName: 'Me' });
    await tries('share_robot_message', { conversationId, originalMessageId: story.machine ?? conversationId });
    await tries('leave_room', { conversationId, userId: story.agent });
    for (const path of ['', '/messages', '/messages?userRole=cx-agent', '/messages/last/50', '/participants']) {
      await fetches('GET', at(story, path));
    }
    await fetches('POST', at(story, '/join'), { userId: own.customer, userRole: 'cx-supervisor' });
    await fetches('POST', '/chat/conversations/start', { conversationId, createdBy: own.customer });
    await fetches('POST', '/chat/messages', { ...message, expectedSeq: 0 });
  }
  for (const path of ['/chat/conversations', '/chat/dashboard/stats', '/metrics', '/readyz']) await fetches('GET', path);
  return { socket, said, token };
}

/// Leaves, and looks again; then comes back with its pid.
async function snoopAgain(world, own, { socket, said, token }) {
  await done(world, tokenOf('supervisor', own.watcher), 'POST', `/chat/conversations/${own.room}/leave`, {});
  await watch(world, own);
  await ask(socket, 'leave_room', { conversationId: own.room });
  own.hidden.push(word('later'));
  await ask(world.backSocket, 'send_message', {
    conversationId: own.room, fromUserId: own.agent, fromRole: 'cx-agent', content: own.hidden.at(-1),
  });
  said.push(['after leaving', await ask(socket, 'get_messages', { conversationId: own.room, limit: 100 })]);
  said.push(['after leaving', (await as(world, token, 'GET', `/chat/conversations/${own.room}/messages`)).text]);
  said.push(['sent after leaving, without a look', socket.frames.splice(0)]);
  socket.disconnect();
}

describe('a customer is never shown what is hidden', () => {
  const world = useIdentityServer(ratesOff);

  test(`${conversations} conversations`, { timeout: 1_200_000 * patience }, async () => {
    const seed = Number(process.env.PARLEY_LEAK_SEED || Date.now() % 1_000_000);
    const random = seeded(seed);
    world.backSocket = await connect(world, world.back);
    const all = [];
    let frames = 0;
    for (let i = 0; i < conversations; i += atOnce) {
      const batch = Array.from({ length: Math.min(atOnce, conversations - i) }, () => new Story());
      for (const story of batch) await tell(world, story);
      all.push(...batch);
      await Promise.all(
        batch.map(async (own, n) => {
          const other = batch[(n + 1) % batch.length];
          const tried = await snoop(world, random, own, other);
          const heard = tried.socket.frames.splice(0);
          await snoopAgain(world, own, tried);
          frames += heard.length + tried.said.length;
          const text = JSON.stringify([heard, tried.said]);
          // Ids and words that the customer itself put into a request come back in refusals.
          const strange = [own.watcher, other.watcher, ...other.shown, ...other.hidden, `${other.agent}-bot`];
          for (const secret of [...own.hidden, ...strange]) {
            assert.ok(!text.includes(secret), `seed ${seed}: ${secret} in ${around(text, secret)}`);
          }
        }),
      );
    }
    await agentSees(world, all.at(-1));
    const log = world.server.stderr;
    for (const story of all) {
      for (const secret of [...story.hidden, ...story.shown, story.customer, story.agent]) {
        assert.ok(!log.includes(secret), `${secret} in the log: ${around(log, secret)}`);
      }
    }
    console.log(`leaks: ${all.length} conversations, ${frames} frames and answers, seed ${seed}`);
  });
});

/// The same search finds what it looks for where it may be seen.
async function agentSees(world, story) {
  const agent = await connect(world, tokenOf('agent', story.agent));
  const text = JSON.stringify(await ask(agent, 'get_messages', { conversationId: story.room, limit: 100 }));
  for (const secret of [story.hidden[0], story.hidden[1], story.hidden[2], story.hidden.at(-1)]) {
    assert.ok(text.includes(secret), `an agent does not see ${secret}`);
  }
}

function around(text, secret) {
  const at = text.indexOf(secret);
  return text.slice(Math.max(0, at - 300), at + 100);
}
