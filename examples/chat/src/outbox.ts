import { Store } from '@streamdb/example-shared/page'
import { StreamDBError, safeRandomUUID } from '@streamdb/react'
import type { Database, Sending } from './database.ts'
import { reasonOf } from './feedback.ts'
import { UploadError } from './files.ts'
import type { Files } from './files.ts'
import type { Picture } from './pictures.ts'

/** A message that could not be sent, and why. */
export interface Unsent extends Sending {
  readonly reason: string
}

/** Sends messages, and keeps those that could not be sent, so that the user can retry or discard them. */
export class Outbox {
  readonly failed: Store<readonly Unsent[]> = new Store<readonly Unsent[]>([])
  readonly #db: Database
  readonly #files: Files
  readonly #me: string

  constructor(db: Database, files: Files, me: string) {
    this.#db = db
    this.#files = files
    this.#me = me
  }

  send(text: string, picture?: Picture): void {
    const message = { id: safeRandomUUID(), authorId: this.#me, text, sentAt: Date.now() }
    if (picture === undefined) return this.#send({ message })
    const { file, url, width, height } = picture
    const attachment = { id: safeRandomUUID(), name: file.name, size: file.size, width, height }
    this.#files.keep(attachment.id, url)
    this.#send({ message: { ...message, attachment }, file })
  }

  /** Sends it again, as of now: after what was said meanwhile. */
  retry({ message, file }: Unsent): void {
    this.discard(message.id)
    const again = { ...message, sentAt: Date.now() }
    if (file === undefined || again.attachment === undefined) return this.#send({ message: again })
    // The first stream may hold a part of the file.
    const attachment = { ...again.attachment, id: safeRandomUUID() }
    this.#files.keep(attachment.id, URL.createObjectURL(file))
    this.#send({ message: { ...again, attachment }, file })
  }

  discard(id: string): void {
    this.failed.set(this.failed.get().filter(({ message }) => message.id !== id))
  }

  #send(sending: Sending): void {
    const { actions } = this.#db
    try {
      const transaction = sending.file === undefined ? actions.send(sending) : actions.sendFile(sending)
      void transaction.when('settled').catch((error: unknown) => this.#keep(sending, error))
    } catch (error) {
      this.#keep(sending, error)
    }
  }

  #keep(sending: Sending, error: unknown): void {
    const reason = this.#reasonOf(error)
    this.failed.set([...this.failed.get(), { ...sending, reason }])
  }

  #reasonOf(error: unknown): string {
    if (error instanceof StreamDBError && error.cause instanceof UploadError) return error.cause.message
    return reasonOf(error, this.#db)
  }
}
