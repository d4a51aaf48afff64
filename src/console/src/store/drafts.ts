// What is being written, by each user in each conversation, while the page is open.
import { signal, type Signal } from '@preact/signals';
import { identity } from './identity';

export interface DraftText {
  text: Signal<string>;
  isNote: Signal<boolean>; // stays after sending
}

const drafts = new Map<string, DraftText>();

export function draftOf(conversationId: string): DraftText {
  const who = identity.value;
  const key = JSON.stringify([who?.userId, who?.role, conversationId]);
  let draft = drafts.get(key);
  if (!draft) {
    draft = { text: signal(''), isNote: signal(false) };
    drafts.set(key, draft);
  }
  return draft;
}
