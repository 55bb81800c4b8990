import type { NewPart, Run } from '@streamdb/session'
import { useState } from 'react'
import { useRoom, useWorkplace } from './contexts.ts'
import { branchOption } from './room.ts'

/** A message of its own; one that the run hears of now; or one for when the agents are done. */
export type SendMode = 'message' | 'steer' | 'queue'

/** What somebody has written. */
export interface Written {
  readonly text: string
  readonly files: readonly File[]
  readonly mentions: readonly string[]
  readonly mode: SendMode
  /** The run that goes on. */
  readonly run: Run | undefined
}

/** How long a title is that is made of the first message, in letters. */
const titleLength = 48

/** Returns what sends a message, and how much of its files is stored, from 0 to 1; undefined while none is sent. */
export function useSend(isFirst: boolean) {
  const { session, branch, id } = useRoom()
  const { directory } = useWorkplace()
  const [progress, setProgress] = useState<number>()

  async function upload(files: readonly File[]): Promise<NewPart[]> {
    const total = files.reduce((sum, { size }) => sum + size, 0)
    let before = 0
    const parts: NewPart[] = []
    for (const file of files) {
      const {
        id: attachment,
        url,
        mediaType,
        name,
        size,
      } = await session.attachments.upload(file, {
        name: file.name,
        onProgress: (stored) => setProgress((before + stored) / Math.max(1, total)),
      })
      before += file.size
      parts.push({ kind: 'file', attachment, url, mediaType, name, size })
    }
    return parts
  }

  async function send({ text, files, mentions, mode, run }: Written): Promise<void> {
    const options = { ...branchOption(branch), mentions }
    if (mode === 'steer' && run !== undefined) {
      void session.steer(text, { run })
      return
    }
    if (mode === 'queue') {
      void session.enqueue(text, options)
      return
    }
    if (files.length > 0) setProgress(0)
    try {
      const uploaded = await upload(files)
      void session.send([...(text === '' ? [] : [{ text }]), ...uploaded], options)
    } finally {
      setProgress(undefined)
    }
    const title = directory.db.collections.sessions.get(id)?.title
    if (isFirst && title === 'New session' && text !== '')
      void directory.rename(id, text.slice(0, titleLength))
  }

  return { send, progress }
}
