/** What a stream server can do beyond creating, appending to, reading and deleting a JSON stream, in the order of reports. */
export const capabilityNames = [
  'sse',
  'long-poll',
  'arrays',
  'exact-json',
  'nesting',
  'bytes',
  'folders',
  'identity',
  'deletion',
  'producers',
  'sequence',
  'closing',
  'lifetime',
  'forks',
  'sub-offsets',
  'stamps',
  'subscriptions',
  'clock',
  'cors',
] as const

/** The name of something that stream servers differ in; `capabilityNames` lists all. */
export type Capability = (typeof capabilityNames)[number]

/** Whether a server can do something, and by what that was seen: part of a sentence. */
export interface Finding {
  readonly supported: boolean
  readonly detail: string
}

/** What a server can do. */
export type Capabilities = Readonly<Record<Capability, Finding>>

/** What each capability is for: part of a sentence. */
export const capabilityPurposes: Readonly<Record<Capability, string>> = {
  sse: 'live events over one response',
  'long-poll': 'live events, a response each',
  arrays: 'a JSON read is one array; else lines (NDJSON), which StreamDB reads as well',
  'exact-json': 'numbers and spaces stay as they were appended',
  nesting: 'values that are nested as deeply as StreamDB takes them: 256 levels of arrays and objects',
  bytes: 'streams of bytes: attachments and documents of sessions',
  folders:
    'names with slashes: attachments, presence and documents of sessions; else map them (docs/servers.md)',
  identity: 'a stream that was deleted and made anew is told apart, however much it holds',
  deletion: 'a live read is told at once that its stream was deleted; else when it connects again',
  producers: 'an append that is sent again is stored once (Producer-Id)',
  sequence: 'an append with an older Stream-Seq is refused',
  closing: 'a stream can be complete: snapshots, attachments',
  lifetime: 'a stream deletes itself: presence (Stream-TTL)',
  forks: 'db.fork, session.fork, branches of history, without a copy',
  'sub-offsets': 'a fork in the middle of an append',
  stamps: 'each event says its offset: history is exact to the event',
  subscriptions: 'webhooks and pull-wake of agents that are not running',
  clock: 'questions, runs and presence expire by the time of the server (Date), not by each device',
  cors: 'pages of other origins may read and write without a proxy',
}
