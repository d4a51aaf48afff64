// What somebody without a dashboard sees: the conversations that they know by id.
import { signal } from '@preact/signals';
import { go } from '../app/router';
import { request } from '../net/socket';
import type { ServerError } from '../net/server_error';
import type { Conversation } from '../net/types';
import { identity } from '../store/identity';
import { loadList, named } from '../store/page';
import { ErrorBox } from '../ui/basics';
import { ListRows } from './list';

const error = signal<ServerError | null>(null);

async function start(): Promise<void> {
  try {
    const body = named().userId ? { conversationId: crypto.randomUUID(), ...named() } : {};
    const { conversation } = await request<{ conversation: Conversation }>('join_room', body);
    error.value = null;
    void loadList();
    go({ screen: 'conversations', id: conversation.id });
  } catch (fault) {
    error.value = fault as ServerError;
  }
}

export function OwnConversations({ selected }: { selected?: string }) {
  const open = (event: SubmitEvent) => {
    event.preventDefault();
    const id = String(new FormData(event.currentTarget as HTMLFormElement).get('id')).trim();
    if (id) go({ screen: 'conversations', id });
  };
  return (
    <section class="list own" aria-label="Your conversations">
      {identity.value?.role === 'cx-customer' && (
        <form class="filters" onSubmit={open}>
          <input name="id" aria-label="Id of a conversation" placeholder="Id of a conversation" maxLength={128} />
          <button type="submit">Join</button>
          <button type="button" class="primary" onClick={start}>
            Start a new one
          </button>
        </form>
      )}
      {error.value && <ErrorBox error={error.value} />}
      <ListRows selected={selected} empty="No conversations yet. Start one, or join one by its id." />
    </section>
  );
}
