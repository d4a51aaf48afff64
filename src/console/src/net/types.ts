// The shapes of the wire (docs/wire.md).

export type UserRole = 'cx-customer' | 'cx-agent' | 'cx-supervisor' | 'robot';
export type MessageType = 'text' | 'system' | 'robot';

export interface Participant {
  userId: string;
  userRole: UserRole;
  joinedAt: string;
}

export interface Message {
  id: string;
  conversationId: string;
  fromUserId: string;
  fromRole: UserRole;
  content: string;
  type: MessageType;
  timestamp: string;
  isVisible: boolean;
  seq: number;
  position: number;
  toRole?: UserRole;
  originalMessageId?: string;
  clientMessageId?: string;
  sharedPosition?: number;
}

export interface LastMessage {
  fromUserId: string;
  fromRole: UserRole;
  content: string;
  type: MessageType;
  isVisible: boolean;
  toRole?: UserRole;
}

export interface Conversation {
  id: string;
  participantIds: string[];
  participantRoles: UserRole[];
  messageCount: number;
  lastMessageAt: string;
  isActive: boolean;
  createdAt: string;
  updatedAt: string;
  title?: string;
  description?: string;
  waitingSince?: string | null;
  agentIds?: string[];
  lastFromRole?: UserRole | null;
  lastMessage?: LastMessage | null;
}

export interface Typing {
  conversationId: string;
  userId: string;
  userName: string;
  isTyping: boolean;
}

/// A connected user. `watching`: the conversations that its connections look at.
export interface PresentUser {
  userId: string | null;
  userRole: UserRole | null;
  connections: number;
  watching?: string[];
}

export interface Stats {
  activeConversations: number;
  totalMessages: number;
  activeUsers: number;
  queuedConversations: number;
}

/// How a refusal looks, over REST and in acks.
export interface Refusal {
  success: false;
  error: string;
  code: string;
  retryAfterMs?: number;
  [more: string]: unknown;
}

// ---- searching

export interface SearchHit {
  id: string;
  conversationId: string;
  fromUserId: string;
  fromRole: UserRole;
  type: MessageType;
  timestamp: string;
  isVisible: boolean;
  seq: number;
  position: number;
  snippet: string;
}

export interface SearchAnswer {
  hits: SearchHit[];
  truncated: boolean;
  total?: number;
  upTo: number; // a position
  audit: { lag: number };
}

// ---- the past

/// The header Parley-As-Of.
export interface AsOf {
  position: number;
  at: string;
  emptied?: boolean;
}

/// A conversation as of a moment.
export interface PastConversation extends Conversation {
  typing?: { userId: string; userName: string }[];
}

// ---- the log

/// An event, in the fields of a line of an export.
export interface LogEvent {
  position: number;
  conversationId: string;
  seq: number;
  type: string;
  version: number;
  at: string;
  actor?: string;
  role?: UserRole;
  cause?: string;
  data?: Record<string, unknown>;
  dataText?: string;
  content?: string;
  hash: string;
  emptied?: boolean;
}

export interface LogPage {
  events: LogEvent[];
  next: { before?: number; after?: number } | null;
  head: number;
}

/// An event with what its hash is made of.
export interface CheckedEvent {
  event: LogEvent;
  hash: string;
  previousHash: string;
  recomputedHash: string;
  ok: boolean;
  problem?: string;
  emptied: boolean;
  cause: string | null;
  inConversation: { previous: number | null; next: number | null };
  head: number;
}
