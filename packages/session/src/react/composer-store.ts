import type { Readable } from '@streamdb/db'
import { Listeners } from '@streamdb/log'
import type { NewPart } from '../rows.ts'
import { shortId } from '../short-id.ts'
import type { AnySession } from './any-session.ts'
import { emptyDraft, isEmpty, loadDraft, partsOf, saveDraft } from './composer-draft.ts'
import type { Draft, DraftAttachment, DraftStorage } from './composer-draft.ts'
import { DraftUploads, toError } from './draft-uploads.ts'

/** A message that could not be sent. */
export interface FailedMessage extends Draft {
  readonly id: string
  readonly error: Error
}

/** What a composer holds. */
export interface ComposerState {
  readonly draft: Draft
  /** The message that the draft is to replace. */
  readonly editing: string | undefined
  /** How many messages are on their way: their files are uploaded, or the log does not have them yet. */
  readonly sending: number
  /** What could not be sent, where another draft had been begun meanwhile. */
  readonly failed: readonly FailedMessage[]
  /** Why the last message could not be sent; until the draft changes, or is sent. */
  readonly error: Error | undefined
}

/** Writes parts; resolves when the log has them. It is called in the same turn where no file is under way. */
export type SendParts = (parts: readonly NewPart[], editing: string | undefined) => Promise<unknown>

/** Where a draft is kept over a reload. */
export interface DraftPlace {
  readonly storage: DraftStorage | undefined
  readonly key: string
}

/** Holds what a participant is writing, uploads its files, and gives back what could not be sent. */
export class ComposerStore implements Readable<ComposerState> {
  readonly #session: AnySession
  readonly #place: DraftPlace
  readonly #uploads: DraftUploads
  readonly #listeners = new Listeners()
  /** What was being written when editing began. */
  #aside: Draft | undefined
  #state: ComposerState

  constructor(session: AnySession, place: DraftPlace) {
    this.#session = session
    this.#place = place
    this.#uploads = new DraftUploads(session)
    this.#uploads.subscribe(() => this.#onUploads())
    const draft = loadDraft(place.storage, place.key)
    this.#state = { draft, editing: undefined, sending: 0, failed: [], error: undefined }
  }

  readonly get = (): ComposerState => this.#state
  readonly subscribe = (run: () => void): (() => void) => this.#listeners.subscribe(run)

  readonly setText = (text: string): void => {
    this.#change({ draft: { ...this.#state.draft, text }, error: undefined })
  }

  /** Adds a file to the draft and begins to upload it; returns its id. */
  readonly attach = (file: Blob, name: string = nameOf(file)): string => {
    const id = shortId()
    const attachment: DraftAttachment = {
      ...{ id, name, mediaType: file.type || 'application/octet-stream', size: file.size },
      upload: { name: 'uploading', stored: 0 },
    }
    const { draft } = this.#state
    this.#change({ draft: { ...draft, attachments: [...draft.attachments, attachment] }, error: undefined })
    this.#uploads.start(id, file, name)
    return id
  }

  /** Goes on with an upload that failed. */
  readonly retryAttachment = (id: string): void => this.#uploads.retry(id)

  readonly removeAttachment = (id: string): void => {
    void this.#uploads.discard(id)
    const { draft } = this.#state
    this.#change({ draft: { ...draft, attachments: draft.attachments.filter((each) => each.id !== id) } })
  }

  /** Makes the draft what a message says, to be replaced. What was being written is set aside until then. */
  readonly edit = (message: string): void => {
    this.#aside ??= this.#state.draft
    this.#change({ draft: draftOf(this.#session, message), editing: message, error: undefined })
  }

  /** Gives up editing: the draft is what was being written before. */
  readonly cancelEdit = (): void => {
    if (this.#state.editing === undefined) return
    const draft = this.#aside ?? emptyDraft
    this.#aside = undefined
    this.#change({ draft, editing: undefined, error: undefined })
  }

  readonly clear = (): void => {
    this.#discard(this.#state.draft)
    this.#change({ draft: emptyDraft, error: undefined })
  }

  /** Puts a message that could not be sent behind what is being written. */
  readonly restore = (id: string): void => {
    const { draft, failed } = this.#state
    const message = failed.find((each) => each.id === id)
    if (message === undefined) return
    this.#change({
      draft: {
        text: [draft.text, message.text].filter((text) => text !== '').join('\n'),
        attachments: [...draft.attachments, ...message.attachments],
      },
      failed: failed.filter((each) => each.id !== id),
    })
  }

  readonly discard = (id: string): void => {
    const { failed } = this.#state
    for (const message of failed) if (message.id === id) this.#discard(message)
    this.#change({ failed: failed.filter((each) => each.id !== id) })
  }

  /** Sends the draft, once its files are stored; resolves with whether the log has it. Never rejects. */
  readonly send = async (send: SendParts): Promise<boolean> => {
    const { draft, editing, sending } = this.#state
    if (isEmpty(draft)) return false
    const next = this.#aside ?? emptyDraft
    this.#aside = undefined
    this.#change({ draft: next, editing: undefined, sending: sending + 1, error: undefined })
    try {
      const isStored = draft.attachments.every(({ upload }) => upload.name === 'ready')
      await send(partsOf(isStored ? draft : await this.#stored(draft)), editing)
      this.#forget(draft)
      return true
    } catch (error) {
      this.#giveBack(draft, editing, toError(error))
      return false
    } finally {
      this.#change({ sending: this.#state.sending - 1 })
    }
  }

  /** Resolves when all files of a draft are stored. */
  async #stored(draft: Draft): Promise<Draft> {
    const attachments = await Promise.all(
      draft.attachments.map(async (each): Promise<DraftAttachment> => {
        const attachment = each.upload.name === 'ready' ? undefined : await this.#uploads.done(each.id)
        return attachment === undefined ? each : { ...each, upload: { name: 'ready', attachment } }
      }),
    )
    return { ...draft, attachments }
  }

  /** The files of a draft that nobody sends any more, or again, are not kept in memory. */
  #forget({ attachments }: Draft): void {
    for (const { id } of attachments) this.#uploads.stop(id)
  }

  /** The files of a draft that is given up are deleted, but for those that a message has. */
  #discard({ attachments }: Draft): void {
    for (const { id } of attachments) void this.#uploads.discard(id)
  }

  #giveBack(draft: Draft, editing: string | undefined, error: Error): void {
    const sent = { ...draft, attachments: draft.attachments.map((each) => this.#current(each)) }
    if (isEmpty(this.#state.draft) && this.#state.editing === undefined) {
      this.#change({ draft: sent, editing, error })
    } else {
      this.#change({ failed: [...this.#state.failed, { ...sent, id: shortId(), error }], error })
    }
  }

  #onUploads(): void {
    const { draft } = this.#state
    const attachments = draft.attachments.map((each) => this.#current(each))
    if (attachments.some((each, index) => each !== draft.attachments[index])) {
      this.#change({ draft: { ...draft, attachments } })
    }
  }

  #current(attachment: DraftAttachment): DraftAttachment {
    const upload = this.#uploads.get(attachment.id)
    return upload === undefined || upload === attachment.upload ? attachment : { ...attachment, upload }
  }

  #change(changes: Partial<ComposerState>): void {
    const before = this.#state
    this.#state = { ...before, ...changes }
    const { storage, key } = this.#place
    // What is edited is in the log; what was set aside is what a reload would lose.
    if (this.#state.draft !== before.draft) saveDraft(storage, key, this.#aside ?? this.#state.draft)
    this.#listeners.notify()
  }
}

/** Returns a message as a draft: its texts, and its files. */
function draftOf(session: AnySession, message: string): Draft {
  const parts = session.message(message)?.parts ?? []
  const texts = parts.filter(({ kind }) => kind === 'text').map(({ text = '' }) => text)
  const attachments = parts.flatMap(({ attachment: id }): DraftAttachment[] => {
    const attachment = id === undefined ? undefined : session.collections.attachments.get(id)
    if (attachment === undefined) return []
    const { name, mediaType, size } = attachment
    return [{ id: attachment.id, name, mediaType, size, upload: { name: 'ready', attachment } }]
  })
  return { text: texts.join('\n\n'), attachments }
}

function nameOf(file: Blob): string {
  const name: unknown = Reflect.get(file, 'name')
  return typeof name === 'string' && name !== '' ? name : 'file'
}
