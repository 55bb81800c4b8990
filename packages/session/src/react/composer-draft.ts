import type { NewPart } from '../rows.ts'
import type { UploadState } from './draft-uploads.ts'

/** A file of a draft. */
export interface DraftAttachment {
  /** The id of its manifest row, too. */
  readonly id: string
  readonly name: string
  readonly mediaType: string
  /** In bytes. */
  readonly size: number
  readonly upload: UploadState
}

/** What is being written, and has not been sent. */
export interface Draft {
  readonly text: string
  readonly attachments: readonly DraftAttachment[]
}

export const emptyDraft: Draft = { text: '', attachments: [] }

export function isEmpty({ text, attachments }: Draft): boolean {
  return text.trim() === '' && attachments.length === 0
}

/** Returns the parts of a draft whose files are stored. */
export function partsOf({ text, attachments }: Draft): NewPart[] {
  const files = attachments.flatMap(({ upload }): NewPart[] => {
    if (upload.name !== 'ready') return []
    const { id, url, mediaType, name, size } = upload.attachment
    return [{ kind: 'file', attachment: id, url, mediaType, name, size }]
  })
  return text.trim() === '' ? files : [{ text }, ...files]
}

/** Where drafts are kept over a reload: `localStorage` and `sessionStorage` are such. */
export interface DraftStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** Returns the storage that is meant; none on a server, nor where the browser refuses it. */
export function toDraftStorage(
  given: 'local' | 'session' | DraftStorage | undefined,
): DraftStorage | undefined {
  if (typeof given === 'object' || given === undefined) return given
  try {
    const storages = globalThis as Partial<typeof globalThis>
    return given === 'local' ? storages.localStorage : storages.sessionStorage
  } catch {
    return undefined
  }
}

/** Returns the draft that is stored; an empty one where there is none that can be read. */
export function loadDraft(storage: DraftStorage | undefined, key: string): Draft {
  try {
    const stored: unknown = JSON.parse(storage?.getItem(key) ?? 'null')
    if (typeof stored !== 'object' || stored === null) return emptyDraft
    const { text, attachments } = stored as Partial<Record<keyof Draft, unknown>> // checked here
    return {
      text: typeof text === 'string' ? text : '',
      attachments: Array.isArray(attachments) ? attachments.filter(isReady) : [],
    }
  } catch {
    return emptyDraft
  }
}

/** Stores a draft: its text, and the files that are uploaded. A storage that is full, or refuses, loses no more than that. */
export function saveDraft(storage: DraftStorage | undefined, key: string, draft: Draft): void {
  try {
    const kept: Draft = { text: draft.text, attachments: draft.attachments.filter(isReady) }
    if (isEmpty(kept) && kept.text === '') storage?.removeItem(key)
    else storage?.setItem(key, JSON.stringify(kept))
  } catch {
    // The draft is still in memory.
  }
}

function isReady(attachment: unknown): attachment is DraftAttachment {
  if (typeof attachment !== 'object' || attachment === null || !('upload' in attachment)) return false
  const { upload } = attachment
  return typeof upload === 'object' && upload !== null && Reflect.get(upload, 'name') === 'ready'
}
