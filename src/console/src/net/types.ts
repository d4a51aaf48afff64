// The shapes of the wire (schema/wire/parley.d.ts, docs/contracts.md), and how the stores hold them.
import type { Conversation as WireConversation, ListedConversation, PastMessage, UserRole } from '../../../../schema/wire/parley';

export type {
  AsOf,
  CheckedEvent,
  ConsoleStatus,
  LastMessage,
  LogEvent,
  LogPage,
  MessageType,
  Participant,
  PastConversation,
  Presence,
  Refusal,
  SearchAnswer,
  SearchHit,
  SqlAnswer,
  SqlView,
  Stats,
  TypingChanged,
  TypingIn,
  Questions as SqlCatalog,
  ReadyQuestion as SqlQuestion,
  UserRole,
  UserTyping as Typing,
  WholePresence,
} from '../../../../schema/wire/parley';

export type Message = PastMessage;

/// A conversation with what is known of it: of a row of the list more than of an event.
export interface Conversation extends WireConversation, Partial<Omit<ListedConversation, keyof WireConversation>> {
  lastFromRole?: UserRole | null;
}
