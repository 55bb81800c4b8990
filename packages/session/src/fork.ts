import { createHttpTransport, describeUrl, isBefore, openStream, resolveUrl, withParams } from '@streamdb/log'
import type { ChangeEvent } from '@streamdb/state'
import { attachmentUrl, relativeUrl } from './attachment-url.ts'
import { documentPath } from './documents.ts'
import { SessionError } from './errors.ts'
import { plainRow } from './plain-row.ts'
import { isOver } from './run-states.ts'
import type { Part } from './rows.ts'
import { sessionState } from './session-state.ts'
import type { SessionParts } from './session-parts.ts'
import { shortId } from './short-id.ts'
import { deltaKeysOf } from './sweep.ts'

/** Where a session is forked, and what becomes of it. */
export interface ForkOptions {
  /**
   * The last message that the fork has, by its id, or a part of it until some of its text. Default: everything that is visible
   * here, a message that streams as far as it is.
   */
  readonly at?:
    string | { readonly message: string; readonly part?: string; readonly length?: number } | undefined
  /** The fork's URL; default: a new one beside the session's. */
  readonly url?: string | undefined
}

/** Forks the stream of a session by the protocol's headers, without copying it; resolves with the fork's URL. */
export async function fork(
  session: SessionParts,
  { at, url }: ForkOptions,
): Promise<{ readonly url: string }> {
  const { db, streamOptions } = session
  const source = new URL(resolveUrl(streamOptions.url))
  const target = resolveUrl(url ?? besideOf(source))
  const last = typeof at === 'object' ? at.message : at
  if (last !== undefined) await session.thread.loadUntil(last)
  // What is visible now, and where the log is then, belong together.
  const { offset } = db.checkpoint
  const events = [...removals(session, at), ...endings(session, at), ...copies(session, source.href, target)]
  const { stream } = openStream(streamOptions)
  const credentials = await stream.resolveHeaders()
  const headers = {
    ...credentials,
    'content-type': 'application/json',
    'Stream-Forked-From': source.pathname,
    ...(offset === '-1' ? {} : { 'Stream-Fork-Offset': offset }),
  }
  const send = streamOptions.fetch ?? fetch
  const address = await withParams(target, streamOptions)
  const response = await send(address, { method: 'PUT', headers })
  if (!response.ok) {
    const message = `Forking ${describeUrl(source.href)} at offset ${offset} was refused with ${response.status}: ${(await response.text()).slice(0, 300)}`
    throw new SessionError('request-failed', message, { status: response.status })
  }
  await response.body?.cancel()
  // A fork begins where it leaves its source. A server that knows no forks has made an empty stream.
  const end =
    response.headers.get('stream-next-offset') ??
    (await send(address, { method: 'HEAD', headers: credentials })).headers.get('stream-next-offset')
  if (offset !== '-1' && end !== null && isBefore(end, offset)) {
    if (response.status === 201) await send(address, { method: 'DELETE', headers: credentials })
    const but = `expected a stream that goes on at ${offset}, but it ends at ${end}`
    const message = `Forking ${describeUrl(source.href)} failed: the server at ${source.origin} does not fork streams (${describeUrl(target)}: ${but})`
    throw new SessionError('fork-unsupported', message)
  }
  if (events.length > 0) {
    const opened = openStream({ ...streamOptions, url: target })
    const transport = createHttpTransport({ ...opened, signal: session.closing.signal })
    await transport.append({ txid: '', body: events.map((event) => JSON.stringify(event)).join(',') }).done
  }
  return { url: target }
}

/** Returns a new URL beside a session's; what its query says, a token for example, holds for both. */
function besideOf(source: URL): string {
  const beside = new URL(source)
  beside.pathname = `${source.pathname.replace(/\/$/, '')}-${shortId()}`
  return beside.href
}

/** What comes behind the message: it is not in the fork. */
function removals({ db, order, thread }: SessionParts, at: ForkOptions['at']): ChangeEvent[] {
  const message = typeof at === 'object' ? at.message : at
  if (message === undefined) return []
  const { messages, parts, runs, branches } = db.collections
  if (!messages.has(message))
    throw new SessionError('not-found', `There is no message "${message}" to fork at`)
  const place = order.of('message', message)
  const removed = new Set(thread.all().filter((id) => order.of('message', id) > place))
  const removedParts = [...parts.values()].filter((part) => removed.has(part.message)).map(({ id }) => id)
  return [
    ...[...removed].map((key) => sessionState.messages.delete({ key })),
    ...removedParts.map((key) => sessionState.parts.delete({ key })),
    ...deltaKeysOf(db, new Set(removedParts)).map((key) => sessionState.deltas.delete({ key })),
    ...[...runs.values()]
      .filter((run) => removed.has(run.message))
      .map(({ id: key }) => sessionState.runs.delete({ key })),
    ...[...branches.values()]
      .filter(({ from }) => removed.has(from))
      .map(({ id: key }) => sessionState.branches.delete({ key })),
  ]
}

/** How a tool call ends in a fork that was under way in the source. */
const cutCall = { state: 'interrupted', toolState: 'output-error', error: 'interrupted' } as const

/** Whether a tool call waits for its run; one that waits for an answer of the participants can be answered in the fork. */
function isOpenCall({ kind, toolState }: Part): boolean {
  return kind === 'tool-call' && (toolState === 'awaiting-approval' || toolState === 'input-available')
}

/** What is going on in the source is not going on in the fork: its processes do not hold the fork's runs (SPEC F-session-12). */
function endings({ db, texts, order }: SessionParts, at: ForkOptions['at']): ChangeEvent[] {
  const { parts, runs, approvals, queueItems, messages } = db.collections
  const last = typeof at === 'object' ? at.message : at
  const isKept = (message: string): boolean =>
    messages.has(message) && (last === undefined || order.of('message', message) <= order.of('message', last))
  const cut = typeof at === 'object' ? at : undefined
  const ended = [...parts.values()].flatMap((part): Part[] => {
    if (!isKept(part.message)) return []
    const isCut =
      cut?.length !== undefined && part.message === cut.message && (cut.part ?? part.id) === part.id
    const call = isOpenCall(part) ? cutCall : {}
    if (part.state !== 'streaming' && !isCut) return isOpenCall(part) ? [{ ...plainRow(part), ...call }] : []
    const text = texts.get(part.id)
    const state = part.state === 'streaming' ? 'interrupted' : part.state
    return [{ ...plainRow(part), state, ...call, text: isCut ? text.slice(0, cut.length) : text }]
  })
  return [
    ...ended.map((value) => sessionState.parts.update({ value })),
    ...deltaKeysOf(db, new Set(ended.map(({ id }) => id))).map((key) => sessionState.deltas.delete({ key })),
    ...[...runs.values()]
      .filter((run) => !isOver(run) && isKept(run.message))
      .map((run) =>
        sessionState.runs.update({ value: { ...plainRow(run), status: 'cancelled', code: 'forked' } }),
      ),
    ...[...approvals.values()]
      .filter(({ status }) => status === 'pending')
      .map((value) => sessionState.approvals.update({ value: { ...plainRow(value), status: 'cancelled' } })),
    ...[...queueItems.keys()].map((key) => sessionState.queueItems.delete({ key: String(key) })),
  ]
}

/**
 * Documents of the fork are its own: they begin with what is in those of the source when they are first opened. Its attachments
 * are where those of the source are.
 */
function copies({ db }: SessionParts, source: string, target: string): ChangeEvent[] {
  const { documents, attachments } = db.collections
  return [
    ...[...documents.values()].map((document) => {
      const value = { ...plainRow(document), path: documentPath(target, document.id), source: document.path }
      return sessionState.documents.update({ value })
    }),
    ...[...attachments.values()].map((attachment) => {
      const url = relativeUrl(target, attachmentUrl(source, attachment.url))
      return sessionState.attachments.update({ value: { ...plainRow(attachment), url } })
    }),
  ]
}
