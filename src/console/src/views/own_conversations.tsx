// What somebody without a dashboard sees: the conversations that they know by id.
import { signal } from '@preact/signals';
import { format, go } from '../app/router';
import { request } from '../net/socket';
import type { ServerError } from '../net/server_error';
import type { Conversation } from '../net/types';
import { identity } from '../store/identity';
import { named, own } from '../store/page';
import { Empty, ErrorBox, UserText } from '../ui/basics';

const error = signal<ServerError | null>(null);

async function start(): Promise<void> {
  try {
    const body = named().userId ? { conversationId: crypto.randomUUID(), ...named() } : {};
    const { conversation } = await request<{ conversation: Conversation }>('join_room', body);
    own.value = [...new Set([...own.value, conversation.id])];
    error.value = null;
    go({ screen: 'conversations', id: conversation.id });
  } catch (fault) {
    error.value = fault as ServerError;
  }
}

export function OwnConversations({ selected }: { selected?: string }) {
  const open = (event: SubmitEvent) => {
    event.preventDefault();
    const id = String(new FormData(event.currentTarget as HTMLFormElement).get('id')).trim();
    if (!id) return;
    own.value = [...new Set([...own.value, id])];
    go({ screen: 'conversations', id });
  };
  if (identity.value?.role == null) {
    return <Empty>This token is for no person. Its screens are at the left.</Empty>;
  }
  return (
    <section class="list own" aria-label="Your conversations">
      <form class="filters" onSubmit={open}>
        <input name="id" aria-label="Id of a conversation" placeholder="Id of a conversation" maxLength={128} />
        <button type="submit">Open</button>
        <button type="button" class="primary" onClick={start}>
          Start a new one
        </button>
      </form>
      {error.value && <ErrorBox error={error.value} />}
      {own.value.length === 0 && <Empty>No conversation is open yet. Start one, or open one by its id.</Empty>}
      {own.value.map((id) => (
        <a
          key={id}
          class={`row single ${id === selected ? 'selected' : ''}`}
          href={format({ screen: 'conversations', id })}
          aria-current={id === selected ? 'true' : undefined}
        >
          <UserText text={id} class="row-title" />
        </a>
      ))}
    </section>
  );
}
