// kill -9 of any process of a cluster at any moment, while clients write on all nodes: nothing that
// was acknowledged is lost, nothing is stored twice, and a client that comes back to another node
// each time hears everything once, in order. PARLEY_CLUSTER_ROUNDS says how many are killed.
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from '../support/cluster.mjs';
import { between, oneOf, seeded } from '../support/seeded.mjs';
import { patience } from '../support/server.mjs';
import { Load } from './load.mjs';

const rounds = Number(process.env.PARLEY_CLUSTER_ROUNDS || 10);
const seed = Number(process.env.PARLEY_CLUSTER_SEED || Date.now() % 1_000_000);
const writers = 4;

test(`${rounds} processes are killed, and nothing is lost or doubled (seed ${seed})`, { timeout: (60 + rounds * 60) * 1000 * patience }, async () => {
  const random = seeded(seed);
  const cluster = await startCluster({ natsServers: 3 });
  const load = new Load(cluster);
  const anywhere = () => oneOf(random, cluster.nodes);
  const killed = { node: 0, nats: 0 };
  try {
    await load.listen('listener', anywhere);
    for (let i = 0; i < writers; i++) load.write(`w${i}`, anywhere);
    await load.until(() => load.acked.length > 10, 'first messages');
    for (let round = 0; round < rounds; round++) {
      await sleep(between(random, 0, 1500));
      const i = between(random, 0, 2);
      const isNode = between(random, 0, 2) > 0;
      killed[isNode ? 'node' : 'nats']++;
      if (isNode) await cluster.nodes[i].kill9();
      else await cluster.nats.kill9(i);
      await sleep(between(random, 0, 3000));
      if (isNode) await cluster.nodes[i].start(cluster.nodes[i].port);
      else await cluster.nats.start(i);
      const before = load.acked.length;
      await load.until(() => load.acked.length > before + writers, 'messages after a kill');
    }
    await load.stopWriting();
    await cluster.ready();
    await load.check(`killed ${killed.node} nodes and ${killed.nats} servers of NATS`);
    await cluster.finish();
  } finally {
    await load.close();
    await cluster.drop();
  }
});
