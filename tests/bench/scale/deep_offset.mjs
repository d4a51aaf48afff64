// Pages far back in a long conversation: by offset, up to its limit, and by position.
import { median, onServer, timed } from './support/filled.mjs';

export const title = 'pages far back in a long conversation';

export function measure({ program, quick }) {
  const messages = quick ? 90_000 : 900_000;
  return onServer(program, async ({ server, fill }) => {
    await fill(messages, () => ({ conversationId: 'long' }));
    const page = (query) => timed(server, `/chat/conversations/long/messages?limit=50&${query}`);
    const near = await median(5, async () => (await page('before=100000000')).ms);
    const middle = await median(5, async () => (await page(`before=${Math.floor(messages / 2)}`)).ms);
    const bound = await median(5, async () => (await page('offset=10000')).ms);
    const deep = await page(`offset=${messages - 100}`);
    return [
      { figure: 'the newest page, by position', value: near, unit: 'ms' },
      { figure: `a page in the middle of ${messages}, by position`, value: middle, unit: 'ms' },
      { figure: 'offset 10,000', value: bound, unit: 'ms' },
      { figure: `offset ${messages - 100}`, value: deep.ms, unit: 'ms' },
      { figure: `offset ${messages - 100}: status`, value: deep.status },
    ];
  });
}
