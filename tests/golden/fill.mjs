// Makes a small data folder with some data of every kind that this program stores: the sample
// support day (every type of event that clients cause), records of questions, typing that retention has emptied and typing that it has not,
// the session of a disconnected client. For `scripts/golden`, before a schema is released:
//
//   node tests/golden/fill.mjs FOLDER && build/release/parley vacuum --data FOLDER
//   scripts/golden FOLDER
import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { programPath, startServer } from '../support/server.mjs';
import { metrics } from '../clients/metrics.mjs';
import { rest } from '../support/rest.mjs';

const dataDir = process.argv[2];
if (!dataDir) throw new Error('usage: fill.mjs FOLDER');

const ask = (socket, name, body) => new Promise((resolve) => socket.emit(name, body, resolve));
const connect = (server) =>
  io(server.url, { forceNew: true, transports: ['websocket'], reconnection: false, auth: { recovery: true } });

// A day, with all its typing emptied.
let server = await startServer({ dataDir, args: ['--retention.typing=1'] });
const samples = ['demo', '--pace', '0', '--force', '--url', server.url];
const demo = spawnSync(programPath(), samples, { stdio: ['ignore', 'ignore', 'inherit'] });
if (demo.status !== 0) throw new Error('parley demo failed');
for (let emptied = -1, now = 0; now === 0 || now > emptied; await pause(1500)) {
  emptied = now;
  now = (await metrics(server)).get('parley_typing_emptied_total');
}
await server.stop();
await server.finish();

// A user whose session outlives the server, and typing that stays.
server = await startServer({ dataDir });
const [olga, peter] = [connect(server), connect(server)];
const conversationId = 'order-77';
await ask(olga, 'join_room', { conversationId, userId: 'olga', userRole: 'cx-agent' });
await ask(olga, 'join_dashboard', {});
await ask(olga, 'typing_start', { conversationId, userId: 'olga', userName: 'Olga ✓' });
await ask(olga, 'send_message', { conversationId, content: 'Überprüfung ✓ שלום', clientMessageId: 'm-1' });
// Peter joins through Olga's connection, which does not receive that: it is one of its own events.
await ask(olga, 'send_message', { conversationId, fromUserId: 'peter', fromRole: 'cx-customer', content: 'Hi' });
await ask(peter, 'join_room', { conversationId, userId: 'peter', userRole: 'cx-customer' });
// A user whom Olga removes, and whose session has not been told of it.
const robin = connect(server);
await ask(robin, 'join_room', { conversationId, userId: 'robin', userRole: 'robot' });
robin.io.engine.close();
await ask(olga, 'leave_room', { conversationId, userId: 'robin' });
// Questions that are recorded.
await rest(server, 'GET', '/chat/conversations/late-parcel?asOf=19&viewer=owen.tallowby&userId=olga&userRole=cx-agent');
await rest(server, 'GET', '/chat/search?q=grinder');
await server.stop();
await server.finish();
process.exit(0);
