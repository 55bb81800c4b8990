import { useReadable } from '@streamdb/react'
import { useMemo } from 'react'
import type { CSSProperties } from 'react'
import { useRoom } from './chat-context.ts'
import { size } from './format.ts'
import type { Attachment } from './state.ts'

interface PictureFrameProps {
  readonly messageId: string
  readonly attachment: Attachment
}

/** A message's picture. Its place is reserved while it loads, and shows the progress or the error. */
export function PictureFrame({ messageId, attachment }: PictureFrameProps) {
  const { files, uploads } = useRoom()
  const file = useReadable(useMemo(() => files.open(attachment), [files, attachment]))
  const uploaded = useReadable(uploads).get(messageId)
  const { name, width, height } = attachment
  // React's types do not know custom properties.
  const style = { '--width': `${width}px`, aspectRatio: `${width} / ${height}` } as CSSProperties

  return (
    <figure className={uploaded === undefined ? 'picture' : 'picture uploading'} style={style}>
      {file.name === 'ready' && (
        <a href={file.url} target="_blank" rel="noreferrer" aria-label={`Open ${name} in a new tab`}>
          <img src={file.url} alt={name} width={width} height={height} />
        </a>
      )}
      {file.name === 'loading' && <Progress label="Loading" value={file.progress} of={attachment} />}
      {file.name === 'failed' && (
        <figcaption className="picture-failed" role="alert">
          {file.error.message}
          <button type="button" onClick={() => files.retry(attachment)}>
            Try again
          </button>
        </figcaption>
      )}
      {uploaded !== undefined && <Progress label="Sending" value={uploaded} of={attachment} />}
    </figure>
  )
}

interface ProgressProps {
  readonly label: string
  readonly value: number
  readonly of: Attachment
}

function Progress({ label, value, of: { name, size: bytes } }: ProgressProps) {
  return (
    <figcaption className="picture-progress">
      {label} {Math.round(value * 100)}% of {size(bytes)}
      <progress value={value} aria-label={`${label} ${name}`} />
    </figcaption>
  )
}
