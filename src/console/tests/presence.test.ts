import assert from 'node:assert/strict';
import test from 'node:test';
import { PresenceBoard } from '../src/store/presence';

const anna = { userId: 'anna', userRole: 'cx-agent' as const };
const lee = { userId: 'lee', userRole: 'cx-customer' as const };

test('changes are applied to the whole, and older ones are dropped', () => {
  const board = new PresenceBoard();
  const watching = (...users: (typeof anna)[]) => [{ conversationId: 'c1', users }];
  board.replace({ version: 5, users: [{ ...anna, connections: 1 }], watchers: watching(anna), truncated: false });
  board.apply({ version: 5, users: [{ ...anna, connections: 0 }], watchers: [] });
  assert.equal(board.isConnected('anna'), true);
  board.apply({ version: 6, users: [{ ...anna, connections: 0 }, { ...lee, connections: 2 }], watchers: watching() });
  assert.equal(board.isConnected('anna'), false);
  assert.equal(board.isConnected('lee'), true);
  assert.equal(board.watchers.value.size, 0);
});
