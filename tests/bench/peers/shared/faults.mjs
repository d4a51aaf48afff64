/**
 * Wrong deliveries, for the test that proves that the load generator notices each of them
 * (scripts/bench --self-test). No benchmark uses this file.
 *
 * Every fault happens once, at the 50th message.
 */
export function withFault(name, io, publish) {
  const fault = faults[name];
  if (!fault) {
    throw new Error(`unknown fault '${name}' (${Object.keys(faults).join(', ')})`);
  }
  let count = 0;
  return (message) => fault(++count, message, publish, io);
}

const struckAt = 50;

function roomOf(message) {
  return `all:${message.conversationId}`;
}

function oneMember(io, message) {
  return [...io.sockets.adapter.rooms.get(roomOf(message))].at(-1);
}

let held;

const faults = {
  /** One member of the room does not get the message. */
  lose(count, message, publish, io) {
    if (count === struckAt) {
      io.to(roomOf(message)).except(oneMember(io, message)).emit('new_message', message);
    } else {
      publish(message);
    }
  },
  /** Nobody gets the message, although it is acknowledged. */
  loseForAll(count, message, publish) {
    if (count !== struckAt) {
      publish(message);
    }
  },
  /** One member gets the message twice. */
  double(count, message, publish, io) {
    publish(message);
    if (count === struckAt) {
      io.to(oneMember(io, message)).emit('new_message', message);
    }
  },
  /** One member gets two messages in the wrong order. */
  swap(count, message, publish, io) {
    if (count === struckAt) {
      held = { message, member: oneMember(io, message) };
      io.to(roomOf(message)).except(held.member).emit('new_message', message);
      return;
    }
    publish(message);
    if (held && roomOf(message) === roomOf(held.message)) {
      io.to(held.member).emit('new_message', held.message);
      held = undefined;
    }
  },
  /** Everybody gets two messages in the wrong order. */
  swapForAll(count, message, publish) {
    if (count === struckAt) {
      held = { message };
      return;
    }
    publish(message);
    if (held && roomOf(message) === roomOf(held.message)) {
      publish(held.message);
      held = undefined;
    }
  },
  /** The text that is shown is not the text that was sent. */
  alter(count, message, publish) {
    publish(count === struckAt ? { ...message, content: `${message.content.slice(0, -1)}!` } : message);
  },
  /** One member gets a message of a room that it has not joined. */
  stray(count, message, publish, io) {
    publish(message);
    if (count >= struckAt && !held) {
      const other = [...io.sockets.adapter.rooms.keys()].find(
        (room) => room.startsWith('all:') && room !== roomOf(message),
      );
      if (other) {
        held = {};
        io.to(other).emit('new_message', message);
      }
    }
  },
};
