import { Store } from '@streamdb/example-shared/page'
import { safeRandomUUID } from '@streamdb/react'
import type { OutboxEntry } from '@streamdb/react'
import type { Database, Sending } from './database.ts'
import { reasonOf } from './feedback.ts'
import type { Feedback } from './feedback.ts'
import type { Files } from './files.ts'
import { toBlob } from './pictures.ts'
import type { Picture } from './pictures.ts'
import { message as messageSchema } from './state.ts'

/** A message that could not be sent, and why. */
export interface Unsent extends Sending {
  readonly txid: string
  readonly reason: string
}

export interface OutboxOptions {
  readonly db: Database
  readonly files: Files
  readonly feedback: Feedback
  readonly me: string
}

/**
 * Sends messages. Those that could not be sent are kept, also when the page is closed, so that the user can retry or
 * discard them.
 */
export class Outbox {
  readonly failed: Store<readonly Unsent[]> = new Store<readonly Unsent[]>([])
  readonly #db: Database
  readonly #files: Files
  readonly #feedback: Feedback
  readonly #me: string
  readonly #pictures = new Set<string>()

  constructor({ db, files, feedback, me }: OutboxOptions) {
    this.#db = db
    this.#files = files
    this.#feedback = feedback
    this.#me = me
    this.#kept.subscribe(() => this.#update())
    this.#update()
  }

  send(text: string, picture?: Picture): void {
    const message = { id: safeRandomUUID(), authorId: this.#me, text, sentAt: Date.now() }
    if (picture === undefined) return this.#send({ message })
    const { file, data, url, width, height } = picture
    const attachment = { id: safeRandomUUID(), name: file.name, size: file.size, width, height }
    this.#show(attachment.id, url)
    this.#send({ message: { ...message, attachment }, picture: data })
  }

  /** Sends it again, as of now: after what was said meanwhile. */
  retry({ txid, message, picture }: Unsent): void {
    this.#kept.discard(txid)
    const again = { ...message, sentAt: Date.now() }
    if (picture === undefined || again.attachment === undefined) return this.#send({ message: again })
    // The first stream may hold a part of the file.
    const attachment = { ...again.attachment, id: safeRandomUUID() }
    this.#show(attachment.id, URL.createObjectURL(toBlob(picture)))
    this.#send({ message: { ...again, attachment }, picture })
  }

  discard({ txid }: Unsent): void {
    this.#kept.discard(txid)
  }

  get #kept() {
    const { outbox } = this.#db
    if (outbox === undefined) throw new Error('A room is opened with the option `offline`')
    return outbox
  }

  #send(sending: Sending): void {
    const { actions } = this.#db
    try {
      const transaction = sending.picture === undefined ? actions.send(sending) : actions.sendPicture(sending)
      // What is refused is in the outbox.
      transaction.when('settled').catch(() => {})
    } catch (error) {
      this.#feedback.refuse(error)
    }
  }

  /** Takes note of what is kept: by this page, an earlier one, or another tab. */
  #update(): void {
    const entries = this.#kept.get()
    for (const { params } of entries) this.#keepPicture(params)
    const failed = entries.flatMap((entry) => this.#toUnsent(entry) ?? [])
    if (failed.length > 0 || this.failed.get().length > 0) this.failed.set(failed)
    // Edits, reactions and deletions are said to be refused, and are not tried again.
    for (const { txid, state } of entries) {
      if (state.name !== 'refused' || failed.some((unsent) => unsent.txid === txid)) continue
      this.#feedback.refuse(state.error)
      this.#kept.discard(txid)
    }
  }

  #toUnsent({ txid, action, events, params, state: { name, ...rest } }: OutboxEntry): Unsent | undefined {
    if (name !== 'refused' || !('error' in rest)) return undefined
    if (action !== 'send' && action !== 'sendPicture') return undefined
    const [event] = events
    const message = messageSchema.safeParse(event?.value).data
    if (message === undefined) return undefined
    return { txid, message, picture: pictureOf(params), reason: reasonOf(rest.error, this.#db) }
  }

  /** Shows the picture of a message that an earlier page has kept. */
  #keepPicture(params: unknown): void {
    const picture = pictureOf(params)
    if (picture === undefined) return
    const { message } = params as Sending // an action of this page has written it
    const id = message.attachment?.id
    if (id !== undefined && !this.#pictures.has(id)) this.#show(id, URL.createObjectURL(toBlob(picture)))
  }

  #show(id: string, url: string): void {
    this.#pictures.add(id)
    this.#files.keep(id, url)
  }
}

function pictureOf(params: unknown): string | undefined {
  if (typeof params !== 'object' || params === null || !('picture' in params)) return undefined
  return typeof params.picture === 'string' ? params.picture : undefined
}
