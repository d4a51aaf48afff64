// A cluster of three nodes in the place of one server: each look at its URL gives another node, by
// chance.
import { startCluster } from '../../support/cluster.mjs';
import { seeded, oneOf } from '../../support/seeded.mjs';

const seed = Number(process.env.PARLEY_SEED || Date.now() % 1_000_000);

export async function startAnyNode() {
  return new AnyNode(await startCluster({ args: ['--cluster.leader-timeout', '800'] }));
}

class AnyNode {
  #cluster;
  #random = seeded(seed);

  constructor(cluster) {
    this.#cluster = cluster;
  }

  get url() {
    return oneOf(this.#random, this.#cluster.nodes).url;
  }

  get stderr() {
    return `(seed ${seed})\n${this.#cluster.nodes.map(({ stderr }) => stderr).join('')}`;
  }

  async restart({ signal }) {
    await Promise.all(this.#cluster.nodes.map((node) => node.restart({ signal })));
    await this.#cluster.ready();
  }

  finish() {
    return this.#cluster.finish();
  }
}
