// The dashboard's figures with very many conversations, and a history read at the same time.
import { median, onServer, timed } from './support/filled.mjs';

export const title = "the dashboard's figures with very many conversations";

const stats = '/chat/dashboard/stats';

export function measure({ program, quick }) {
  const conversations = quick ? 40_000 : 400_000;
  return onServer(program, async ({ server, fill }) => {
    const users = 1000;
    const started = (i) => ({ conversationId: `c${i}`, fromUserId: `u${i % users}`, fromRole: 'cx-customer' });
    await fill(conversations / 10, started);
    const few = await median(5, async () => (await timed(server, stats)).ms);
    await fill(conversations * 0.9, (i) => started(conversations / 10 + i));
    const many = await median(5, async () => (await timed(server, stats)).ms);
    const asked = Array.from({ length: 40 }, () => timed(server, stats));
    const read = await timed(server, '/chat/conversations/c1/messages');
    const answered = (await Promise.all(asked)).filter(({ status }) => status === 200).length;
    return [
      { figure: `figures, ${conversations / 10} conversations`, value: few, unit: 'ms' },
      { figure: `figures, ${conversations} conversations`, value: many, unit: 'ms' },
      { figure: 'a history read behind 40 of them', value: read.ms, unit: 'ms' },
      { figure: 'of the 40, answered with 200', value: answered },
    ];
  });
}
