// What is being written, for each conversation, while the page is open.
import { signal, type Signal } from '@preact/signals';

export interface DraftText {
  text: Signal<string>;
  isNote: Signal<boolean>; // stays after sending
}

const drafts = new Map<string, DraftText>();

export function draftOf(conversationId: string): DraftText {
  let draft = drafts.get(conversationId);
  if (!draft) {
    draft = { text: signal(''), isNote: signal(false) };
    drafts.set(conversationId, draft);
  }
  return draft;
}
