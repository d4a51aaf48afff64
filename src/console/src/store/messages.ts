// The part of a conversation's messages that is in memory: a window, of which the far end is
// dropped, and read again when somebody scrolls there.
import { batch, signal } from '@preact/signals';
import type { Message } from '../net/types';

export const kMessagesMax = 2000;

export class MessageWindow {
  readonly messages = signal<readonly Message[]>([]);
  readonly hasOlder = signal(false);
  /// False: the window reaches to the present, and follows it.
  readonly hasNewer = signal(false);
  /// Messages that arrived while the window did not reach to the present.
  readonly arrivedAway = signal(0);

  reset(messages: readonly Message[], { hasOlder, hasNewer }: { hasOlder: boolean; hasNewer: boolean }): void {
    batch(() => {
      this.messages.value = messages;
      this.hasOlder.value = hasOlder;
      this.hasNewer.value = hasNewer;
      this.arrivedAway.value = 0;
    });
  }

  /// A page before the window; empty: there is nothing older.
  addOlder(page: readonly Message[]): void {
    batch(() => {
      this.hasOlder.value = page.length > 0;
      const all = merged(this.messages.value, page);
      if (all.length > kMessagesMax) this.hasNewer.value = true;
      this.messages.value = all.slice(0, kMessagesMax);
    });
  }

  /// A page after the window; empty: the window reaches to the present.
  addNewer(page: readonly Message[]): void {
    batch(() => {
      this.hasNewer.value = page.length > 0;
      if (page.length === 0) this.arrivedAway.value = 0;
      this.keepNewest(merged(this.messages.value, page));
    });
  }

  /// Live messages.
  arrived(news: readonly Message[]): void {
    if (this.hasNewer.value) {
      this.arrivedAway.value += news.length;
      return;
    }
    batch(() => this.keepNewest(merged(this.messages.value, news)));
  }

  private keepNewest(all: readonly Message[]): void {
    if (all.length > kMessagesMax) this.hasOlder.value = true;
    this.messages.value = all.length > kMessagesMax ? all.slice(-kMessagesMax) : all;
  }
}

/// Puts `added` among `messages`: each once, by position.
export function merged(messages: readonly Message[], added: readonly Message[]): Message[] {
  if (added.length === 0) return messages as Message[];
  const last = messages.at(-1)?.position ?? 0;
  const known = new Set(messages.map((message) => message.id));
  const news = added.filter((message) => !known.has(message.id) && known.add(message.id));
  const all = [...messages, ...news];
  const inOrder = news.every((message, i) => message.position > (news[i - 1]?.position ?? last));
  return inOrder ? all : all.sort((a, b) => a.position - b.position);
}
