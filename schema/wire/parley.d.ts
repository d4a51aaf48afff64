// The wire's types for clients in TypeScript: docs/contracts.md shows how to use them, docs/wire.md
// says what they mean. A test compares them with the schemas beside this file and with what a
// running server sends. Fields are only ever added.
//
//   const socket: Socket<ServerEvents, ClientRequests> = io('http://localhost:3500');

/// ISO 8601, UTC, with milliseconds.
export type Time = string;
/// Of a conversation or user.
export type Id = string;
/// A UUID of version 7.
export type Uuid = string;
/// Of an event in the log: from 1, without gaps.
export type Position = number;
/// Of an event in its conversation: from 1, without gaps.
export type Seq = number;
/// SHA-256, in hex.
export type Hash = string;
/// Follows each logged event to a client that asked for recovery.
export type Cursor = string;

export type UserRole = 'cx-customer' | 'cx-agent' | 'cx-supervisor' | 'robot';
export type MessageType = 'text' | 'system' | 'robot';

/// docs/errors.md says what each means, and whether to try again.
export type ErrorCode =
  | 'invalid_request'
  | 'unknown_event'
  | 'missing_field'
  | 'wrong_type'
  | 'invalid_value'
  | 'invalid_id'
  | 'invalid_text'
  | 'unknown_role'
  | 'unknown_type'
  | 'too_long'
  | 'payload_too_large'
  | 'unauthenticated'
  | 'token_expired'
  | 'forbidden'
  | 'not_participant'
  | 'not_robot_message'
  | 'conversation_not_found'
  | 'message_not_found'
  | 'conversation_exists'
  | 'conflict'
  | 'client_message_id_reused'
  | 'origin_refused'
  | 'misdirected'
  | 'unsupported_media_type'
  | 'not_found'
  | 'method_not_allowed'
  | 'limit_reached'
  | 'rate_limited'
  | 'busy'
  | 'storage_full'
  | 'storage_failed'
  | 'storage_damaged'
  | 'read_timeout'
  | 'unavailable'
  | 'shutting_down'
  | 'internal';

/// How a request is refused, over REST and in acknowledgements. Nothing was stored.
export interface Refusal {
  success: false;
  error: string; // for people; may change
  code: ErrorCode;
  retryAfterMs?: number; // of `rate_limited`
  lastSeq?: number; // of `conflict`: 0 where there is no message
  missed?: Message[]; // of `conflict`: those after `expectedSeq`, at most the last 100
  more?: boolean; // of `conflict`: there may be earlier ones
  messageId?: Uuid; // of `client_message_id_reused`: the first message
}

/// A request is carried out.
export interface Done {
  success: true;
}

export interface Participant {
  userId: Id;
  userRole: UserRole;
  joinedAt: Time;
}

export interface Message {
  id: Uuid;
  conversationId: Id;
  fromUserId: Id;
  fromRole: UserRole;
  content: string;
  type: MessageType;
  timestamp: Time;
  isVisible: boolean; // whether customers may see it
  seq: Seq;
  position: Position;
  toRole?: UserRole;
  originalMessageId?: Uuid; // of a share: the robot's message
  clientMessageId?: Id;
}

export interface Conversation {
  id: Id;
  participantIds: Id[];
  participantRoles: UserRole[]; // parallel to participantIds
  messageCount: number; // of the messages that the reader may see
  lastMessageAt: Time; // createdAt while there is no message
  isActive: boolean;
  createdAt: Time;
  updatedAt: Time;
  title?: string; // over REST, if it was started with one
  description?: string;
}

export interface LastMessage {
  fromUserId: Id;
  fromRole: UserRole;
  content: string; // at most its first 140 characters
  type: MessageType;
  isVisible: boolean;
  toRole?: UserRole;
}

/// A row of the list of conversations.
export interface ListedConversation extends Conversation {
  waitingSince: Time | null; // null: nobody waits
  agentIds: Id[];
  lastMessage?: LastMessage | null; // with preview=1
}

/// Somebody who types, or was typing.
export interface Typist {
  userId: Id;
  userName: string;
}

/// The event that an answer about the past is of; also, as JSON, the header Parley-As-Of.
export interface AsOf {
  position: Position;
  at: Time;
  emptied: boolean; // retention has emptied something of the answer
}

/// A conversation as it was.
export interface PastConversation extends Conversation {
  typing: Typist[];
  asOf: AsOf;
}

/// A message as it was.
export interface PastMessage extends Message {
  sharedPosition?: Position; // of a robot's message that had been shared
}

export interface Joined {
  success: true;
  participant: Participant;
  conversation: Conversation;
  position: number;
}

export interface Watching {
  success: true;
  position: number; // after it the connection receives everything
}

/// The dashboard's figures.
export interface Stats {
  activeConversations: number;
  totalMessages: number;
  activeUsers: number; // participants of active conversations
  queuedConversations: number; // without an agent or supervisor
}

export interface AuditLag {
  lag: number; // events that audit.db is behind the log
}

export interface SearchHit {
  id: Uuid;
  conversationId: Id;
  fromUserId: Id;
  fromRole: UserRole;
  type: MessageType;
  timestamp: Time;
  isVisible: boolean;
  seq: Seq;
  position: Position;
  snippet: string;
}

export interface SearchAnswer {
  hits: SearchHit[];
  truncated: boolean; // there are more
  total?: number;
  upTo: number; // the position up to which it searched
  audit: AuditLag;
}

/// An event of the log as it is stored: the line of an export (docs/format/export.md).
export interface LogEvent {
  position: Position;
  conversationId: Id;
  seq: Seq;
  type: string; // schema/events/ has a file for each
  version: number;
  at: Time;
  actor?: Id;
  id: Uuid;
  role?: UserRole;
  messageType?: MessageType;
  toRole?: UserRole;
  isVisible?: boolean;
  clientMessageId?: Id;
  originalMessageId?: Uuid;
  cause?: string;
  key?: number;
  data?: Record<string, unknown>;
  dataText?: string;
  content?: string;
  salt?: string;
  commitment?: Hash;
  hash: Hash;
  emptied?: true;
}

export interface LogPage {
  events: LogEvent[];
  next: { before?: number; after?: number } | null; // the parameter that asks for the next page
  head: number; // the log's last position
}

/// An event with what its hash is made of.
export interface CheckedEvent {
  event: LogEvent;
  hash: Hash;
  previousHash: Hash;
  recomputedHash: Hash;
  ok: boolean;
  problem?: string;
  emptied: boolean;
  cause: string | null;
  inConversation: { previous: Position | null; next: Position | null };
  head: number;
}

export interface Warning {
  name: string;
  text?: string; // for those who may read why the server is not ready
}

export interface Health {
  status: 'ok';
}

export interface Readiness {
  status: string; // 'ready', or why not
  reason?: string;
  checks?: { name: string; ok: boolean; text?: string }[];
  audit?: AuditLag;
  warnings?: Warning[];
}

/// What a verification of the whole log found.
export interface Verified {
  position: number; // every event up to it is good
  at: Time;
  ok: boolean;
  brokenAt?: Position; // the first event that is not
  problem?: string;
}

/// How far a verification has come.
export interface Verifying {
  position: number;
  head: number; // where the log ended when it began; 0 at first
  startedAt: Time;
}

/// A verification could check nothing.
export interface VerifyFailed {
  code: string;
  message: string;
  at: Time;
}

export interface Verification {
  started: boolean; // false: one runs already
  verified: Verified | null;
  verifying: Verifying | null;
  verifyFailed?: VerifyFailed;
}

/// How the nodes of a cluster stand, as the one sees it that answers.
export interface Cluster {
  node: string; // the one that answers
  role: 'leader' | 'follower' | 'reader';
  leader: string | null; // null: none is known
  incarnation: number; // which stream it is
  epoch: number; // of the leadership
  message: number; // the last one of the stream that the node has applied
  durable: number; // the last one that a majority of voters has applied
  position: number; // of the last event here
  waitingRequests: number; // of the node's clients; without a durable outcome
  fault: { reason: string; text: string } | null; // why the node cannot serve; null: it can
  others: {
    name: string;
    leads: boolean;
    voter: boolean;
    heard: boolean; // a moment ago
    heardMsAgo: number;
    message: number;
  }[];
  stream: { first: number; last: number; bytes: number } | null; // null: gone, or no answer
}

/// How a node of a cluster sees it.
export interface ClusterStatus {
  epoch: number; // of the leadership
  durable: number; // the last message of the stream that a majority of voters has applied
  nodes: {
    name: string; // the one that answers is the first
    leads: boolean;
    voter: boolean;
    heard: boolean; // a moment ago
    message: number; // the last one that it has applied
  }[];
}

/// What an operator looks at (docs/operations/console-api.md).
export interface ConsoleStatus {
  version: string;
  now: Time;
  startedAt: Time;
  uptimeMs: number;
  position: number;
  headHash: Hash | null;
  headAt?: Time;
  verified: Verified | null;
  verifying: Verifying | null;
  verifyFailed?: VerifyFailed;
  checkedAtStart: { position: number; events: number; structure: boolean; end: boolean };
  cluster: ClusterStatus | null; // null: a single server
  files: { name: string; bytes: number }[];
  growthBytesPerDay: number;
  diskFreeBytes: number;
  audit: AuditLag | null;
  ready: { ok: boolean; checks: { name: string; ok: boolean; text: string }[] };
  warnings: Warning[];
  settings: { name: string; value: string; default: string; from: string }[];
}

export interface PresentUser {
  userId: Id | null; // null: it named nobody
  userRole: UserRole | null;
  connections: number; // 0: none any more
}

export interface Watcher {
  userId: Id | null;
  userRole: UserRole | null;
}

export interface WatchedConversation {
  conversationId: Id;
  users: Watcher[]; // all who watch it now
}

/// Who is connected, or what changed in that.
export interface Presence {
  version: number; // grows with each change
  users: PresentUser[];
  watchers: WatchedConversation[];
}

export interface WholePresence extends Presence {
  truncated: boolean;
}

export interface Minute {
  at: Time; // when it begins
  messages: Record<UserRole, number>;
  started: number; // conversations
}

export interface Minutes {
  minutes: Minute[]; // the oldest first
  completeSince: Time | null; // earlier minutes lack events
  position: number;
}

// ---- requests over Socket.IO, by schema/wire/requests/NAME.json

export interface JoinRoom {
  conversationId?: Id; // required without tokens, like the next two
  userId?: Id;
  userRole?: UserRole;
  hidden?: boolean;
  joinData?: JoinRoom;
}

export interface LeaveRoom {
  conversationId: Id;
  userId?: Id;
}

export interface WatchRoom {
  conversationId: Id;
  userId?: Id; // required without tokens, like the next one
  userRole?: UserRole;
}

export interface UnwatchRoom {
  conversationId: Id;
}

export interface SendMessage {
  conversationId: Id;
  content: string;
  fromUserId?: Id;
  fromRole?: UserRole;
  type?: MessageType;
  messageType?: MessageType; // another name of `type`
  toRole?: UserRole;
  isVisible?: boolean; // false: a note
  clientMessageId?: Id; // makes it safe to send the message again
  expectedSeq?: number;
}

export interface TypingStart {
  conversationId: Id;
  userId?: Id;
  userName: string;
  toRole?: UserRole;
  isVisible?: boolean;
}

export interface TypingStop {
  conversationId: Id;
  userId?: Id;
}

export interface GetMessages {
  conversationId: Id;
  limit?: number;
  offset?: number;
  before?: Position;
  after?: number;
}

export interface ShareRobotMessage {
  originalMessageId: Uuid;
  conversationId: Id;
  fromUserId?: Id;
  clientMessageId?: Id;
}

export interface JoinDashboard {
  userId?: Id; // who follows it; a token says it by itself
  userRole?: UserRole;
  presence?: boolean; // asks for presence_changed and typing_changed
}

export interface LeaveDashboard {}

export interface Authenticate {
  token: string;
}

export interface DashboardJoined {
  success: true;
  message: string;
  position: number;
}

export interface Authenticated {
  success: true;
  expiresAt: Time;
}

export interface JoinLog {
  filter?: { conversationId?: Id; userId?: Id; type?: string | string[] };
  after?: number; // the last upTo of log_events
}

export interface LeaveLog {}

export interface LogJoined {
  success: true;
  position: number;
}

/// The requests and the answers to those that are carried out.
export interface Requests {
  join_room: { body: JoinRoom; answer: Joined };
  leave_room: { body: LeaveRoom; answer: Done };
  watch_room: { body: WatchRoom; answer: Watching };
  unwatch_room: { body: UnwatchRoom; answer: Done };
  send_message: { body: SendMessage; answer: Message };
  typing_start: { body: TypingStart; answer: Done };
  typing_stop: { body: TypingStop; answer: Done };
  get_messages: { body: GetMessages; answer: Message[] };
  share_robot_message: { body: ShareRobotMessage; answer: Message };
  join_dashboard: { body: JoinDashboard; answer: DashboardJoined };
  leave_dashboard: { body: LeaveDashboard; answer: DashboardJoined };
  join_log: { body: JoinLog; answer: LogJoined };
  leave_log: { body: LeaveLog; answer: Done };
  authenticate: { body: Authenticate; answer: Authenticated };
}

/// The second parameter of Socket. Always ask for the acknowledgement: it says what was refused.
export type ClientRequests = {
  [Name in keyof Requests]: (
    body: Requests[Name]['body'],
    acknowledge: (answer: Requests[Name]['answer'] | Refusal) => void,
  ) => void;
};

// ---- events, by schema/wire/events/NAME.json

export type NewMessage = Message;

export interface UserJoined {
  conversationId: Id;
  participant: Participant;
}

export interface UserLeft {
  conversationId: Id;
  userId: Id;
}

export interface UserTyping {
  conversationId: Id;
  userId: Id;
  userName: string;
  isTyping: boolean;
}

export interface ConversationCreated {
  conversation: Conversation;
  createdBy: Id;
  initialParticipants: Participant[];
  timestamp: Time;
}

export interface ConversationParticipantAdded {
  conversationId: Id;
  participant: Participant;
  action: 'added';
  timestamp: Time;
}

export interface ConversationParticipantRemoved {
  conversationId: Id;
  participant: Participant;
  action: 'removed';
  timestamp: Time;
}

export interface ConversationUpdated {
  conversationId: Id;
  changes: {
    messageCount: number;
    lastMessageAt: Time;
    updatedAt: Time;
    lastFromRole: UserRole;
    waitingSince?: Time | null; // if the message changes it
  };
  timestamp: Time;
}

/// What changed since the last one.
export type PresenceChanged = Presence;

/// Who types in a conversation.
export interface TypingIn {
  conversationId: Id;
  users: Typist[]; // who began first, 5 at most
  count: number; // all who type; 0: nobody
}

/// The conversations where it has changed.
export interface TypingChanged {
  conversations: TypingIn[];
}

/// To a client that has sent join_log. No cursor follows it: upTo is one.
export interface LogEvents {
  events: LogEvent[];
  upTo: Position; // everything up to here was looked at
  skippedTo?: Position; // what came before this was not sent
}

/// Send `authenticate` with a new token.
export interface TokenExpiring {
  expiresAt: Time;
}

/// The refusal of a request without an acknowledgement; with `event` 'connect': why the connection
/// ends. The optional fields are those of a Refusal.
export interface Exception {
  status: 'error';
  message: string;
  code: ErrorCode;
  event: string;
  retryAfterMs?: number;
  lastSeq?: number;
  missed?: Message[];
  more?: boolean;
  messageId?: Uuid;
}

/// The bodies of the events.
export interface Events {
  new_message: NewMessage;
  user_joined: UserJoined;
  user_left: UserLeft;
  user_typing: UserTyping;
  conversation_created: ConversationCreated;
  conversation_participant_added: ConversationParticipantAdded;
  conversation_participant_removed: ConversationParticipantRemoved;
  conversation_updated: ConversationUpdated;
  presence_changed: PresenceChanged;
  typing_changed: TypingChanged;
  log_events: LogEvents;
  token_expiring: TokenExpiring;
  exception: Exception;
}

/// The first parameter of Socket.
export type ServerEvents = {
  [Name in keyof Events]: (body: Events[Name], cursor?: Cursor) => void;
};

// ---- REST, by schema/wire/openapi.json

export interface SqlQuestion {
  sql: string;
  format?: 'json' | 'csv';
  limit?: number;
}

export interface SqlAnswer {
  rows: Record<string, string | number | null>[];
  truncated: boolean; // there were more rows, or more bytes, than may be
  tookMs: number;
  notes?: string;
}

export interface SqlColumn {
  name: string;
  meaning: string;
}

export interface SqlOption {
  name: string;
  required: boolean;
  default?: string;
}

export interface ReadyQuestion {
  name: string;
  title: string;
  text: string;
  options: SqlOption[];
  columns: SqlColumn[];
  needsAudit: boolean;
  sql?: string; // without options; absent: the command alone answers it
  parameters?: string[];
}

export interface SqlView {
  name: string;
  file: 'parley.db' | 'audit.db';
  text: string;
  columns: SqlColumn[];
}

export interface Questions {
  questions: ReadyQuestion[];
  views: SqlView[];
}

export interface NamedParticipant {
  userId: Id;
  userRole: UserRole;
}

export interface StartConversation {
  createdBy?: Id; // where a token says who asks, it may be left out, like the next one
  createdByRole?: UserRole;
  title?: string;
  description?: string;
  conversationId?: Id;
  initialParticipants?: (Id | NamedParticipant)[];
}

export interface LeaveConversation {
  userId?: Id; // where a token says who asks, it may be left out
}

/// Who asks. Where a token says it, both may be left out.
export interface Reader {
  userId?: Id;
  userRole?: UserRole;
}

/// When, and through whose eyes.
export interface Past extends Reader {
  asOf?: string | number;
  viewer?: Id;
  viewerRole?: UserRole;
}

export interface MessagePage {
  limit?: number;
  offset?: number;
  before?: Position;
  after?: number;
}

export interface ConversationList extends Reader {
  limit?: number;
  offset?: number;
  before?: Id;
  after?: string; // from the header Link
  sort?: 'created' | 'activity' | 'waiting';
  show?: 'all' | 'waiting' | 'without-agent';
  q?: string;
  preview?: '0' | '1';
}

export interface SearchQuery extends Reader {
  q: string;
  conversationId?: Id;
  author?: Id;
  from?: string;
  to?: string;
  before?: Position;
  limit?: number;
  viewer?: Id;
  viewerRole?: UserRole;
}

export interface LogQuery {
  before?: string | number;
  after?: string | number;
  conversationId?: Id;
  userId?: Id;
  type?: string;
  limit?: number;
}

/// The routes: what to send, and what comes back where the request is not refused.
export interface Routes {
  'POST /chat/conversations/start': { body: StartConversation; answer: Conversation };
  'POST /chat/messages': { body: SendMessage; answer: Message };
  'GET /chat/conversations': { query: ConversationList; answer: ListedConversation[] };
  'GET /chat/conversations/{id}': { query: Past; answer: Conversation | PastConversation };
  'GET /chat/conversations/{id}/messages': { query: MessagePage & Past; answer: PastMessage[] };
  'GET /chat/conversations/{id}/messages/last/{n}': { query: Past; answer: PastMessage[] };
  'GET /chat/conversations/{id}/participants': { query: Past & { after?: number }; answer: Participant[] };
  'POST /chat/conversations/{id}/join': { body: JoinRoom; answer: Joined };
  'POST /chat/conversations/{id}/leave': { body: LeaveConversation; answer: Done };
  'GET /chat/search': { query: SearchQuery; answer: SearchAnswer };
  'GET /chat/dashboard/stats': { answer: Stats };
  'GET /chat/presence': { answer: WholePresence };
  'GET /chat/stats/minutes': { query: { n?: number }; answer: Minutes };
  'GET /log/events': { query: LogQuery; answer: LogPage };
  'GET /log/events/{position}': { answer: CheckedEvent };
  'GET /console/status': { answer: ConsoleStatus };
  'GET /cluster': { answer: Cluster };
  'POST /console/verify': { answer: Verification };
  'POST /console/sql': { body: SqlQuestion; answer: SqlAnswer }; // or CSV
  'GET /console/questions': { answer: Questions };
  'GET /healthz': { answer: Health };
  'GET /readyz': { answer: Readiness };
  'GET /metrics': { answer: string };
}
