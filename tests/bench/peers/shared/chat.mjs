/** The peer's state in memory, and the change each request makes. No sockets. */
export class Chat {
  #conversations = new Map();
  #users = new Map();

  find(name) {
    return this.#conversations.get(name);
  }

  /** In a work: `userName` joins; the conversation is started by its first participant. */
  join(store, name, userName, role) {
    const at = Date.now();
    const user = this.#user(store, userName);
    let conversation = this.#conversations.get(name);
    const started = conversation === undefined;
    let position;
    if (started) {
      conversation = this.#start(store, name, user, at);
    }
    const joined = !conversation.participants.has(userName);
    if (joined) {
      conversation.participants.set(userName, { userId: userName, userRole: role, joinedAt: iso(at) });
      store.saveParticipant(conversation, user, role, at);
      position = store.append(conversation, 'participant_joined', at, user, { role }).position;
      store.saveConversation(conversation);
    }
    return {
      started,
      joined,
      position,
      conversation,
      participant: conversation.participants.get(userName),
    };
  }

  /** In a work: stores a message and returns it in the clients' form. */
  send(store, { conversationId, fromUserId, fromRole, content, type = 'text', toRole, isVisible }) {
    const joined = this.join(store, conversationId, fromUserId, fromRole);
    const { conversation } = joined;
    const at = Date.now();
    const data = { fromRole, type, isVisible: visible(fromRole, type, toRole, isVisible) };
    if (toRole !== undefined) {
      data.toRole = toRole;
    }
    const user = this.#user(store, fromUserId);
    const event = store.append(conversation, 'message_sent', at, user, data, content);
    conversation.messageCount += 1;
    conversation.lastMessageAt = at;
    store.saveConversation(conversation);
    const message = toMessage(conversationId, { ...event, at, actor: fromUserId, data, content });
    return { joined, conversation, message, messageCount: conversation.messageCount, at };
  }

  /** In a work: typing of a participant; returns false for any other user. */
  typing(store, name, userName, isTyping) {
    const conversation = this.#conversations.get(name);
    if (!conversation?.participants.has(userName)) {
      return false;
    }
    const type = isTyping ? 'typing_started' : 'typing_stopped';
    store.append(conversation, type, Date.now(), this.#user(store, userName), {});
    store.saveConversation(conversation);
    return true;
  }

  #user(store, name) {
    let user = this.#users.get(name);
    if (user === undefined) {
      user = { name, key: store.internUser(name) };
      this.#users.set(name, user);
    }
    return user;
  }

  #start(store, name, user, at) {
    const conversation = {
      name,
      key: undefined,
      seq: 0,
      messageCount: 0,
      lastMessageAt: at,
      createdAt: at,
      participants: new Map(),
    };
    this.#conversations.set(name, conversation);
    store.saveConversation(conversation);
    store.append(conversation, 'conversation_started', at, user, {});
    return conversation;
  }
}

export function iso(at) {
  return new Date(at).toISOString();
}

export function toConversation(conversation) {
  const people = [...conversation.participants.values()];
  return {
    id: conversation.name,
    participantIds: people.map((p) => p.userId),
    participantRoles: people.map((p) => p.userRole),
    messageCount: conversation.messageCount,
    lastMessageAt: iso(conversation.lastMessageAt),
    isActive: true,
    createdAt: iso(conversation.createdAt),
    updatedAt: iso(conversation.lastMessageAt),
  };
}

export function toMessage(conversationId, { id, actor, content, at, seq, position, data }) {
  const message = {
    id,
    conversationId,
    fromUserId: actor,
    fromRole: data.fromRole,
    content,
    type: data.type,
    timestamp: iso(at),
    isVisible: data.isVisible,
    seq,
    position,
  };
  if (data.toRole !== undefined) {
    message.toRole = data.toRole;
  }
  return message;
}

export function isStaff(role) {
  return role !== 'cx-customer';
}

function visible(fromRole, type, toRole, asked) {
  if (fromRole === 'robot' || type === 'robot' || toRole === 'robot') {
    return false;
  }
  const fromStaff = isStaff(fromRole);
  return !(fromStaff && (asked === false || (toRole !== undefined && isStaff(toRole))));
}
