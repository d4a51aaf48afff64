import assert from 'node:assert/strict';
import test from 'node:test';
import { Typists, typingWords } from '../src/store/typists';

const user = (userId: string, userName = userId.toUpperCase()) => ({ userId, userName });

test('each news replaces what was known of its conversations, and of no others', () => {
  const typists = new Typists();
  typists.apply({ conversations: [{ conversationId: 'c1', users: [user('ada'), user('ben')], count: 2 }, { conversationId: 'c2', users: [user('cy')], count: 1 }] });
  typists.apply({ conversations: [{ conversationId: 'c1', users: [user('ben')], count: 1 }] });
  assert.deepEqual(typists.in('c1'), { names: ['BEN'], count: 1 });
  assert.deepEqual(typists.in('c2'), { names: ['CY'], count: 1 });
  typists.apply({ conversations: [{ conversationId: 'c1', users: [], count: 0 }] });
  assert.equal(typists.in('c1').count, 0);
  typists.clear();
  assert.equal(typists.in('c2').count, 0);
});

test('the reader is not shown as typing, and who has no name is called by the id', () => {
  const typists = new Typists();
  typists.apply({ conversations: [{ conversationId: 'c1', users: [user('me'), user('ada', '')], count: 7 }] });
  assert.deepEqual(typists.in('c1', 'me'), { names: ['ada'], count: 6 });
  assert.deepEqual(typists.in('c1', 'zoe').count, 7);
});

test('few are named, of many some are and the others are counted', () => {
  const said = (names: string[], most: number, count = names.length) => {
    const told = typingWords({ names, count }, most);
    return told.names.join('|') + told.words;
  };
  assert.equal(said(['Ada'], 2), 'Ada is typing…');
  assert.equal(said(['Ada', 'Ben'], 2), 'Ada|Ben are typing…');
  assert.equal(said(['Ada', 'Ben', 'Cy'], 2), 'Ada and 2 others are typing…');
  assert.equal(said(['Ada', 'Ben', 'Cy'], 3), 'Ada|Ben|Cy are typing…');
  assert.equal(said(['Ada', 'Ben', 'Cy', 'Di', 'Ed'], 3, 40), 'Ada|Ben and 38 others are typing…');
  assert.equal(said(['Ada'], 2, 2), 'Ada and 1 other are typing…');
});
