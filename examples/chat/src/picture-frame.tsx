import { useStore } from '@streamdb/example-shared/page'
import { useMemo } from 'react'
import type { CSSProperties } from 'react'
import { useRoom } from './chat-context.ts'
import type { Attachment } from './state.ts'
import { size } from './words.ts'

interface PictureFrameProps {
  readonly messageId: string
  readonly attachment: Attachment
}

/** A message's picture: its place is kept before it is there, and says how far it is, or what is wrong. */
export function PictureFrame({ messageId, attachment }: PictureFrameProps) {
  const { files, uploads } = useRoom()
  const file = useStore(useMemo(() => files.open(attachment), [files, attachment]))
  const uploaded = useStore(uploads).get(messageId)
  const { name, width, height } = attachment
  // Custom properties are no properties that React's types know.
  const style = { '--width': `${width}px`, aspectRatio: `${width} / ${height}` } as CSSProperties

  return (
    <figure className={uploaded === undefined ? 'picture' : 'picture uploading'} style={style}>
      {file.name === 'ready' && (
        <a href={file.url} target="_blank" rel="noreferrer" aria-label={`${name}, in a tab of its own`}>
          <img src={file.url} alt={name} width={width} height={height} />
        </a>
      )}
      {file.name === 'loading' && <Progress words="Loading" value={file.progress} of={attachment} />}
      {file.name === 'failed' && (
        <figcaption className="picture-failed" role="alert">
          {file.error.message}
          <button type="button" onClick={() => files.retry(attachment)}>
            Try again
          </button>
        </figcaption>
      )}
      {uploaded !== undefined && <Progress words="Sending" value={uploaded} of={attachment} />}
    </figure>
  )
}

interface ProgressProps {
  readonly words: string
  readonly value: number
  readonly of: Attachment
}

function Progress({ words, value, of: { name, size: bytes } }: ProgressProps) {
  return (
    <figcaption className="picture-progress">
      {words} {Math.round(value * 100)}% of {size(bytes)}
      <progress value={value} aria-label={`${words} ${name}`} />
    </figcaption>
  )
}
