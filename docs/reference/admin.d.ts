// The types of mockws' admin API, made from its openapi.json by scripts/docs. Not written by hand.

/** What a handshake may bring for one security scheme of the document. A `token` is for bearer, oauth2 and openIdConnect; `username` and `password` for basic and userPassword; a `key` for an API key. */
export interface AcceptedCredential {
  scheme: string;
  token?: string;
  username?: string;
  password?: string;
  key?: string;
}

/** Answer the handshake with a 101 that names this subprotocol (none, where it is empty) and has these headers. */
export interface Accepting {
  subprotocol?: string;
  headers?: Record<string, string>;
}

/** One step of the script; exactly one key. */
export interface Action {
  reply?: Saying;
  send?: Sending;
  delay?: string | number | Distribution;
  stream?: Stream;
  stop?: string;
  setState?: SetState;
  group?: Group;
  remember?: Remember;
  replay?: Replaying;
  expect?: Expecting;
  close?: Closing;
  ping?: Pinging;
  fault?: string | RawFrames;
  reject?: Rejecting;
  accept?: Accepting;
  subprotocol?: string;
  http?: Calling;
}

/** What an HTTP request is answered. */
export interface Answering {
  status?: number;
  headers?: Record<string, string>;
  json?: unknown;
  text?: string;
}

/** Whom a send is for, where it is not one of the words. */
export interface Audience {
  connection?: ConnectionMatching;
  channel?: string;
  group?: string;
  address?: string;
  except?: "originating";
}

/** `POST /journal/wait`: which entries, how many, and how long. */
export interface AwaitBody {
  channel?: string;
  operation?: string;
  message?: MessageMatching;
  connection?: ConnectionMatching;
  direction?: "in" | "out";
  event?: "callback" | "close" | "fault" | "http" | "message" | "open" | "ping" | "pong" | "refused" | "reload" | "timeout" | "undelivered";
  after?: number;
  count?: number;
  timeout?: string | number;
}

/** An HTTP request of the mock's own. */
export interface Calling {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  json?: unknown;
  text?: string;
}

/** How often somebody connected to a channel, and what went over it. */
export interface ChannelCoverageView {
  name: string;
  address: string;
  opened: number;
  operations: OperationCoverageView[];
}

/** A channel of the document, who is there, and what went over it. */
export interface ChannelView {
  name: string;
  address: string;
  paths: string[];
  parameters: string[];
  operations: OperationView[];
  connections: string[];
  coverage: ChannelCoverageView;
}

/** `PUT /clock`: what becomes of the time. */
export interface ClockBody {
  action: "advance" | "freeze" | "reset" | "resume";
  by?: string | number | null;
}

/** The mock's clock; `now` is in seconds since it began. */
export interface ClockView {
  now: number;
  time: string;
  frozen: boolean;
}

/** How a connection is closed. */
export interface CloseBody {
  code?: number;
  reason?: string;
}

/** Which ends of connections. */
export interface CloseMatching {
  code?: number;
  clean?: boolean;
  by?: "client" | "server";
}

export interface Closing {
  code?: number;
  reason?: string;
}

/** Which connections: by the handshake and by what has become of them since. */
export interface ConnectionMatching {
  id?: string;
  pathParameters?: Record<string, Matching>;
  queryParameters?: Record<string, Matching>;
  headers?: Record<string, Matching>;
  cookies?: Record<string, Matching>;
  subprotocol?: string;
  group?: string;
}

/** One connection; secrets of its handshake are masked. */
export interface ConnectionView {
  id: string;
  channel: string;
  channels: string[];
  address: string;
  pathParameters: Record<string, string>;
  query: Record<string, string>;
  headers: Record<string, string>;
  subprotocol: string | null;
  groups: string[];
  values: Record<string, unknown>;
  state: Record<string, string>;
  openedAt: number;
  counters: Counters;
}

/** Connections that were waited for. */
export interface ConnectionsView {
  connections: ConnectionView[];
}

/** `POST /journal/count`: which entries. */
export interface CountBody {
  channel?: string;
  operation?: string;
  message?: MessageMatching;
  connection?: ConnectionMatching;
  direction?: "in" | "out";
  event?: "callback" | "close" | "fault" | "http" | "message" | "open" | "ping" | "pong" | "refused" | "reload" | "timeout" | "undelivered";
  after?: number;
}

/** How many entries there are. */
export interface CountView {
  count: number;
}

/** How many messages came and went. */
export interface Counters {
  received: number;
  sent: number;
}

/** One thing of the document: how often it was exercised, by whom, when, and how it fails. */
export interface CoverageLineView {
  kind: string;
  name: string;
  exercised: boolean;
  passed: number;
  failed: number;
  failing: string[];
  by: string[];
  others: number;
  first: string | null;
  last: string | null;
}

/** What of the document has been exercised. */
export interface CoverageView {
  title: string;
  channels: Share;
  operations: Share;
  messages: Share;
  examples: Share;
  enumValues: Share;
  parameters: Share;
  replies: Share;
  details: ChannelCoverageView[];
  lines: CoverageLineView[];
  missed: number;
}

/** `PUT /credentials`: all credentials that handshakes may bring. */
export interface CredentialList {
  credentials: AcceptedCredential[];
}

/** What handshakes may bring, and who says so. */
export interface CredentialsView {
  source: "admin" | "file";
  credentials: ListedCredential[];
}

/** One way in which something is not as it was to be. */
export interface DifferenceView {
  pointer: string;
  expected: string;
  actual: string;
}

/** A delay drawn from a distribution, by the mock's seed. */
export interface Distribution {
  type: "fixed" | "lognormal" | "uniform";
  lower?: string | number;
  upper?: string | number;
  median?: string | number;
  sigma?: number;
  value?: string | number;
}

/** The bytes of a message are written in parts: the first at once, the last after all that time. */
export interface Dribbling {
  numberOfChunks: number;
  totalDuration: string | number;
}

/** How the connection is to end after the last step. */
export interface EndBody {
  code?: number;
}

/** Which entries of the journal. */
export interface Entries {
  channel?: string;
  operation?: string;
  message?: MessageMatching;
  connection?: ConnectionMatching;
  direction?: "in" | "out";
  event?: "callback" | "close" | "fault" | "http" | "message" | "open" | "ping" | "pong" | "refused" | "reload" | "timeout" | "undelivered";
}

/** One entry of the journal. */
export interface EntryView {
  seq: number;
  time: string;
  event: string;
  connection?: string;
  channel?: string;
  address?: string;
  direction?: "in" | "out";
  message?: string;
  type?: "binary" | "text";
  json?: unknown;
  text?: string;
  base64?: string;
  size?: number;
  cut?: boolean;
  valid?: boolean;
  errors?: ViolationView[];
  outcome?: "invalid" | "matched" | "spec" | "unmatched";
  expectation?: string;
  cause?: string;
  note?: string;
  code?: number;
  details?: Record<string, unknown>;
}

/** How often an example went over. */
export interface ExampleCoverageView {
  name: string;
  count: number;
}

/** Trigger and actions, with what limits them. */
export interface Expectation {
  id?: string;
  name?: string;
  priority?: number;
  enabled?: boolean;
  metadata?: Record<string, unknown>;
  trigger: Trigger;
  scenario?: Scenario;
  times?: number;
  timeToLive?: string | number;
  probability?: number;
  when?: string;
  status?: Record<string, unknown>;
  actions?: Action[];
}

/** A step of a conversation: wait for a message, and consume it. */
export interface Expecting {
  message?: MessageMatching;
  within?: string | number;
  else?: Action[] | Action;
}

/** `POST /explain`: a made-up message, or the number of an entry of the journal. */
export interface ExplainBody {
  channel?: string;
  connection?: MadeUp;
  message?: Said;
  seq?: number;
}

/** What a message leads to, and why. */
export interface ExplanationView {
  by: "conversation" | "document" | "expectation" | "nothing" | "security";
  message: ReadingView;
  document: PromiseView;
  expectations: JudgedView[];
  expectation?: string;
  note?: string;
  omitted?: number;
}

/** `POST /connections/{id}/fault`: which fault befalls it. */
export interface FaultBody {
  fault: string | RawFrames;
}

/** What befalls whatever is said on a channel: it comes late, twice, out of turn, not at all, or a fault comes. */
export interface FaultProfile {
  latency?: string | number | Distribution;
  fault?: string | RawFrames;
  probability?: number;
  loss?: number;
  duplicate?: number;
  reorder?: number;
  timeToLive?: string | number;
}

/** `POST /journal/find`: which entries, page by page. */
export interface FindBody {
  channel?: string;
  operation?: string;
  message?: MessageMatching;
  connection?: ConnectionMatching;
  direction?: "in" | "out";
  event?: "callback" | "close" | "fault" | "http" | "message" | "open" | "ping" | "pong" | "refused" | "reload" | "timeout" | "undelivered";
  after?: number;
  limit?: number;
}

/** How far one is from the next. */
export interface Gaps {
  atLeast?: string | number;
  atMost?: string | number;
  jitter?: boolean;
}

/** Rooms of the stub's own making. */
export interface Group {
  join?: string;
  leave?: string;
}

/** A room of the stub's own making. */
export interface GroupNamed {
  group: string;
}

/** How the mock is; a stranger is told no more than `status`. */
export interface HealthView {
  status: "DEGRADED" | "DOWN" | "UP";
  problem?: Record<string, unknown>;
  connections?: number;
}

/** Which plain HTTP requests. */
export interface HttpMatching {
  path: string;
  method?: string;
  pathParameters?: Record<string, Matching>;
  queryParameters?: Record<string, Matching>;
  headers?: Record<string, Matching>;
  body?: Matching;
}

/** A page of the journal, oldest first. */
export interface JournalView {
  entries: EntryView[];
  next: number | null;
  lost: boolean;
  last: number;
  dropped: number;
}

/** What a JSONPath (RFC 9535) finds, and how one of the values found is to be. */
export interface JsonPathMatching {
  equalTo?: string | number | boolean;
  caseInsensitive?: boolean;
  contains?: string;
  doesNotContain?: string;
  matches?: string;
  doesNotMatch?: string;
  equalToJson?: unknown;
  ignoreArrayOrder?: boolean;
  ignoreExtraElements?: boolean;
  matchesJsonPath?: string | JsonPathMatching;
  matchesJsonSchema?: Record<string, unknown> | boolean;
  binaryEqualTo?: string;
  absent?: boolean;
  greaterThanNumber?: number;
  lessThanNumber?: number;
  equalToNumber?: number;
  before?: string;
  after?: string;
  equalToDateTime?: string;
  and?: Matching[];
  or?: Matching[];
  not?: Matching;
  expression: string;
}

/** Whether an expectation would answer; if not, why, and how far it is from that. */
export interface JudgedView {
  expectation: string;
  answers: boolean;
  distance: number;
  differences: DifferenceView[];
  reason?: "CHANNEL" | "CONNECTION" | "DISABLED" | "EXPIRED" | "LOWER_PRIORITY" | "MESSAGE" | "PROBABILITY" | "REQUEST" | "SCENARIO_STATE" | "SPEC_INVALID" | "TIMES_EXHAUSTED";
  name?: string;
  probability?: number;
}

/** A credential that is good, without its secret. */
export interface ListedCredential {
  scheme: string;
  token?: string;
  username?: string;
  password?: string;
  key?: string;
}

/** A connection that there is not: how its handshake would be, and what would have become of it since. */
export interface MadeUp {
  pathParameters?: Record<string, string>;
  queryParameters?: Record<string, string>;
  headers?: Record<string, string>;
  cookies?: Record<string, string>;
  subprotocol?: string;
  groups?: string[];
  state?: Record<string, string>;
  values?: Record<string, unknown>;
}

/** How one value is to be; all that is given must hold. The names are WireMock's. */
export interface Matching {
  equalTo?: string | number | boolean;
  caseInsensitive?: boolean;
  contains?: string;
  doesNotContain?: string;
  matches?: string;
  doesNotMatch?: string;
  equalToJson?: unknown;
  ignoreArrayOrder?: boolean;
  ignoreExtraElements?: boolean;
  matchesJsonPath?: string | JsonPathMatching;
  matchesJsonSchema?: Record<string, unknown> | boolean;
  binaryEqualTo?: string;
  absent?: boolean;
  greaterThanNumber?: number;
  lessThanNumber?: number;
  equalToNumber?: number;
  before?: string;
  after?: string;
  equalToDateTime?: string;
  and?: Matching[];
  or?: Matching[];
  not?: Matching;
}

/** A message of the document. */
export interface MessageBriefView {
  name: string;
  examples: string[];
}

/** How often a message went over. */
export interface MessageCoverageView {
  name: string;
  count: number;
  examples: ExampleCoverageView[];
}

/** Which messages; the matchers are those of a trigger. */
export interface MessageEntries {
  channel?: string;
  operation?: string;
  message?: MessageMatching;
}

/** Which messages: by the document's name, by type, by validity, by body. */
export interface MessageMatching {
  name?: string;
  type?: "binary" | "text";
  valid?: boolean | "any";
  body?: Matching;
}

/** The messages of an operation, and those of its reply. */
export interface OperationCoverageView {
  name: string;
  action: string;
  exercised: boolean;
  messages: MessageCoverageView[];
  replies: MessageCoverageView[];
}

/** An operation of the document, told from the mock's side. */
export interface OperationView {
  name: string;
  action: "receive" | "send";
  messages: MessageBriefView[];
  reply: MessageBriefView[] | null;
  replyChannel: string | null;
}

/** Ask for a pong: once, or every so often until the connection ends. */
export interface Pinging {
  every?: string | number;
}

/** A problem document (RFC 9457): what cannot be done, and why. Some problems say more. */
export interface ProblemView {
  title: string;
  status: number;
  detail?: string;
  type?: string;
  errors?: ViolationView[];
}

/** A fault profile in force, as it was written. */
export interface ProfileView {
  channel: string;
  profile: Record<string, unknown>;
  remaining?: number;
}

/** What the document would do, where no expectation answers. */
export interface PromiseView {
  does: "close" | "error" | "ignore" | "nothing" | "problem" | "relay" | "reply";
  how: string;
  replies: string[];
  channel?: string;
  operation?: string;
  code?: number;
}

/** Which expectations were set off. */
export interface RanView {
  ran: string[];
}

/** Bytes that are written as they stand, in hexadecimal digits. */
export interface RawFrames {
  frames: string;
}

/** The connections to which it was done. */
export interface ReachedView {
  connections: string[];
}

/** Which message of the document it is; if none, the nearest one and what is wrong with it. */
export interface ReadingView {
  valid: boolean;
  name?: string;
  also?: string[];
  closest?: string;
  reason?: string;
  errors?: ViolationView[];
  warnings?: WarningView[];
}

/** Refuse the handshake. */
export interface Rejecting {
  status?: number;
  headers?: Record<string, string>;
  json?: unknown;
  text?: string;
}

/** A value kept with the connection: `connection.values.NAME`. */
export interface Remember {
  as: string;
  value: unknown;
}

/** What was said in a room while the client was away, said again to it. */
export interface Replaying {
  since?: unknown;
  of?: string | GroupNamed;
  by?: string;
}

/** What it would say: exactly one of these. */
export interface Said {
  json?: unknown;
  text?: string;
  base64?: string;
}

/** What was written to which file, and what was not. */
export interface SavedView {
  file: string;
  saved: string[];
  skipped: SkippedView[];
}

/** What is said: exactly one of message, json, text, base64. */
export interface SayBody {
  message?: string;
  example?: string;
  generate?: boolean | "invalid";
  with?: Record<string, unknown>;
  json?: unknown;
  text?: string;
  base64?: string;
  validate?: boolean;
  fragments?: number;
  chunkedDribbleDelay?: Dribbling;
}

/** What is said; exactly one of text, json, base64, file, message. */
export interface Saying {
  text?: string;
  json?: unknown;
  base64?: string;
  file?: string;
  message?: string;
  example?: string;
  generate?: boolean | "invalid";
  with?: Record<string, unknown>;
  validate?: boolean;
  template?: boolean;
  duplicate?: number;
  fragments?: number;
  chunkedDribbleDelay?: Dribbling;
  reorder?: boolean;
}

/** A state machine with a name: where it must be, and where it goes. */
export interface Scenario {
  name: string;
  requiredState?: string;
  newState?: string;
  scope?: "connection" | "global";
}

/** `PUT /scenarios/{name}`: its state, everywhere or for one connection. */
export interface ScenarioBody {
  state: string;
  connection?: string | null;
}

/** The states of one scenario: of all together, and of each connection. */
export interface ScenarioView {
  name: string;
  state: string;
  connections: Record<string, string>;
  possibleStates: string[];
}

/** `POST /send`: what is said, and to whom. */
export interface SendBody {
  message?: string;
  example?: string;
  generate?: boolean | "invalid";
  with?: Record<string, unknown>;
  json?: unknown;
  text?: string;
  base64?: string;
  validate?: boolean;
  fragments?: number;
  chunkedDribbleDelay?: Dribbling;
  to?: To;
  operation?: string;
  waitForConnections?: number;
  timeout?: string | number;
  allowNone?: boolean;
}

/** What is said, and to whom. */
export interface Sending {
  text?: string;
  json?: unknown;
  base64?: string;
  file?: string;
  message?: string;
  example?: string;
  generate?: boolean | "invalid";
  with?: Record<string, unknown>;
  validate?: boolean;
  template?: boolean;
  duplicate?: number;
  fragments?: number;
  chunkedDribbleDelay?: Dribbling;
  reorder?: boolean;
  to?: "all" | "channel" | "originating" | "others" | Audience;
}

/** What became of a send. */
export interface SentView {
  sent: number;
  connections: string[];
  skipped: SkippedView[];
  violations: ViolationView[];
}

/** `POST /verify/sequence`: what is to have come and gone on one connection, in this order. */
export interface SequenceBody {
  steps: StepBody[];
  connection?: ConnectionMatching;
  strict?: boolean;
  close?: EndBody;
  within?: string | number;
  after?: number;
}

/** It happened in this order, on this connection. */
export interface SequenceView {
  connection: string;
  matched: number[];
}

/** `POST /sessions`: a name of one's own, and how long it lives without use. */
export interface SessionBody {
  id?: string | null;
  timeToLive?: string | number | null;
}

/** One session, and where its clients go; how long it lives without use is told in seconds. */
export interface SessionView {
  id: string;
  baseUrl: string;
  adminUrl: string;
  connections: number;
  timeToLive: number;
}

export interface SetState {
  scenario: string;
  state: string;
  scope?: "connection" | "global";
}

/** How many of how many. */
export interface Share {
  exercised: number;
  total: number;
}

/** What was left out, and why. */
export interface SkippedView {
  id: string;
  reason: string;
}

/** How far apart. */
export interface SpacingBody {
  between: Gaps;
}

/** One step of a sequence: `match` came from the client, `sent` was said by the mock. */
export interface StepBody {
  match?: MessageEntries;
  sent?: MessageEntries;
}

/** The same said again and again, or a sequence of values said one by one. */
export interface Stream {
  text?: string;
  json?: unknown;
  base64?: string;
  file?: string;
  message?: string;
  example?: string;
  generate?: boolean | "invalid";
  with?: Record<string, unknown>;
  validate?: boolean;
  template?: boolean;
  duplicate?: number;
  fragments?: number;
  chunkedDribbleDelay?: Dribbling;
  reorder?: boolean;
  name?: string;
  every?: string | number;
  count?: number;
  sequence?: unknown[];
  to?: "all" | "channel" | "originating" | "others" | Audience;
}

/** How often; `exactly`, or bounds. */
export interface TimesBody {
  atLeast?: number;
  atMost?: number;
  exactly?: number;
}

/** Whom a send is for; exactly one of these. */
export interface To {
  channel?: string;
  connection?: string;
  address?: string;
  group?: string;
  all?: boolean;
}

/** What sets an expectation off, and on which connections. */
export interface Trigger {
  type?: "close" | "http" | "idle" | "interval" | "message" | "named" | "open";
  channel?: string;
  operation?: string;
  connection?: ConnectionMatching;
  message?: MessageMatching;
  close?: CloseMatching;
  every?: string | number;
  after?: string | number;
  name?: string;
  http?: HttpMatching;
  response?: Answering;
}

/** It is so. */
export interface VerifiedView {
  expected: string;
  actual: number;
  matched: number[];
}

/** `POST /verify`: what is to have happened, how often, how far apart. */
export interface VerifyBody {
  match: Entries;
  times?: TimesBody;
  within?: string | number;
  after?: number;
  spacing?: SpacingBody;
}

/** Which mockws this is. */
export interface VersionView {
  version: string;
}

/** One way in which a value breaks its schema. */
export interface ViolationView {
  pointer: string;
  message: string;
  schemaPointer?: string;
  schemaLocation?: string;
  code?: string;
}

/** Which connections are waited for, how many, and how long. */
export interface WaitBody {
  channel?: string;
  connection?: ConnectionMatching;
  count?: number;
  timeout?: string | number;
}

/** What is odd about a message, though nothing follows from it. */
export interface WarningView {
  code: "json_duplicate_key";
  pointer: string;
  message: string;
}

/** What a request to a route says, and what it is answered: AdminApi["POST /verify"]. */
export interface AdminApi {
  "GET /health": { body?: undefined; answer: HealthView };
  "GET /health/ready": { body?: undefined; answer: HealthView };
  "GET /version": { body?: undefined; answer: VersionView };
  "GET /channels": { body?: undefined; answer: ChannelView[] };
  "GET /channels/{name}": { body?: undefined; answer: ChannelView };
  "GET /coverage": { body?: undefined; answer: CoverageView };
  "GET /connections": { body?: undefined; answer: ConnectionView[] };
  "DELETE /connections": { body?: undefined; answer: ReachedView };
  "POST /connections/wait": { body?: WaitBody; answer: ConnectionsView };
  "GET /connections/{id}": { body?: undefined; answer: ConnectionView };
  "DELETE /connections/{id}": { body?: undefined; answer: undefined };
  "POST /connections/{id}/send": { body: SayBody; answer: SentView };
  "POST /connections/{id}/close": { body?: CloseBody; answer: ReachedView };
  "POST /connections/{id}/fault": { body: FaultBody; answer: ReachedView };
  "POST /connections/{id}/ping": { body?: undefined; answer: ReachedView };
  "POST /send": { body: SendBody; answer: SentView };
  "GET /expectations": { body?: undefined; answer: Expectation[] };
  "POST /expectations": { body: Expectation; answer: Expectation };
  "DELETE /expectations": { body?: undefined; answer: undefined };
  "POST /expectations/reset": { body?: undefined; answer: undefined };
  "POST /expectations/save": { body?: undefined; answer: SavedView };
  "GET /expectations/{id}": { body?: undefined; answer: Expectation };
  "PUT /expectations/{id}": { body: Expectation; answer: Expectation };
  "DELETE /expectations/{id}": { body?: undefined; answer: undefined };
  "POST /triggers/{name}": { body?: unknown; answer: RanView };
  "GET /credentials": { body?: undefined; answer: CredentialsView };
  "PUT /credentials": { body: CredentialList; answer: CredentialsView };
  "DELETE /credentials": { body?: undefined; answer: undefined };
  "GET /scenarios": { body?: undefined; answer: ScenarioView[] };
  "POST /scenarios/reset": { body?: undefined; answer: undefined };
  "GET /scenarios/{name}": { body?: undefined; answer: ScenarioView };
  "PUT /scenarios/{name}": { body: ScenarioBody; answer: ScenarioView };
  "GET /journal": { body?: undefined; answer: JournalView };
  "DELETE /journal": { body?: undefined; answer: undefined };
  "GET /journal.jsonl": { body?: undefined; answer: string };
  "POST /journal/find": { body: FindBody; answer: JournalView };
  "POST /journal/count": { body: CountBody; answer: CountView };
  "POST /journal/wait": { body: AwaitBody; answer: JournalView };
  "GET /journal/stream": { body?: undefined; answer: string };
  "POST /verify": { body: VerifyBody; answer: VerifiedView };
  "POST /verify/sequence": { body: SequenceBody; answer: SequenceView };
  "POST /explain": { body: ExplainBody; answer: ExplanationView };
  "GET /clock": { body?: undefined; answer: ClockView };
  "PUT /clock": { body: ClockBody; answer: ClockView };
  "GET /faults": { body?: undefined; answer: ProfileView[] };
  "DELETE /faults": { body?: undefined; answer: undefined };
  "PUT /faults/{channel}": { body: FaultProfile; answer: ProfileView };
  "DELETE /faults/{channel}": { body?: undefined; answer: undefined };
  "GET /sessions": { body?: undefined; answer: SessionView[] };
  "POST /sessions": { body?: SessionBody; answer: SessionView };
  "DELETE /sessions": { body?: undefined; answer: undefined };
  "DELETE /sessions/{id}": { body?: undefined; answer: undefined };
  "POST /reset": { body?: undefined; answer: undefined };
  "GET /metrics": { body?: undefined; answer: string };
  "GET /document": { body?: undefined; answer: unknown };
  "GET /openapi.json": { body?: undefined; answer: unknown };
}
