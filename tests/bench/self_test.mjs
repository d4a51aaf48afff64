// Proves that the load generator notices wrong deliveries: the Node peer delivers wrongly once,
// with each fault of peers/shared/faults.mjs, and the generator must report it and fail.
import { checkKept, discard, load, servers, start, stop } from './servers.mjs';

const expected = {
  lose: /was lost/,
  loseForAll: /was lost/,
  double: /twice/,
  swap: /out of order/,
  swapForAll: /out of order/,
  alter: /altered or unknown content/,
  stray: /belongs elsewhere/,
};
const honest = ['room10', 'fan100', 'fan10', 'duo', 'pingpong', 'paced', 'history'];

async function once(program, name, parent, scenario, more) {
  const running = await start(servers()[name], parent, more);
  try {
    const args = ['--warmup', 0.1, '--measure', 0.3];
    const { status, line } = await load(program, scenario, running, args, 60_000);
    const problem = line.problem ?? ((await stop(running)) || checkKept(running, line.messagesChecked));
    return { status, problem };
  } finally {
    running.child.kill('SIGKILL');
    await running.ended;
    discard(running);
  }
}

export async function selfTest(program, parent) {
  let passed = 0;
  let failed = 0;
  const report = (good, what, problem) => {
    good ? ++passed : ++failed;
    console.log(`${good ? 'ok  ' : 'FAIL'} ${what}${problem ? `: ${problem.slice(0, 160)}` : ''}`);
  };
  for (const [fault, words] of Object.entries(expected)) {
    for (const scenario of ['fan10', 'duo']) {
      const { status, problem } = await once(program, 'node-memory', parent, scenario, ['--fault', fault]);
      report(status === 1 && words.test(problem), `${fault} is noticed in ${scenario}`, problem);
    }
  }
  for (const name of ['node-each', 'node-group', 'node-memory']) {
    for (const scenario of honest) {
      const { status, problem } = await once(program, name, parent, scenario, []);
      report(status === 0 && problem === '', `${name} passes ${scenario}`, problem);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}
