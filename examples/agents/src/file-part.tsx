import { PaperclipIcon } from '@streamdb/example-shared/page'
import type { Part } from '@streamdb/session'
import { useEffect, useState } from 'react'
import { useRoom } from './contexts.ts'

const bytes = new Intl.NumberFormat('en', {
  style: 'unit',
  unit: 'byte',
  notation: 'compact',
  unitDisplay: 'narrow',
})

/** An attachment: a picture is shown, a text is offered to be saved. */
export function FilePart({ part }: { readonly part: Part }) {
  const { session } = useRoom()
  const { attachment, mediaType = '', name = 'file', size = 0 } = part
  const [url, setUrl] = useState<string>()
  const [failure, setFailure] = useState<string>()

  useEffect(() => {
    if (attachment === undefined) return
    const reading = new AbortController()
    let made: string | undefined
    session.attachments.read(attachment, { signal: reading.signal }).then(
      (data) => {
        if (reading.signal.aborted) return
        made = URL.createObjectURL(new Blob([data as BlobPart], { type: mediaType })) // bytes, however they are kept
        setUrl(made)
      },
      (error: unknown) => {
        if (!reading.signal.aborted) setFailure(error instanceof Error ? error.message : String(error))
      },
    )
    return () => {
      reading.abort()
      if (made !== undefined) URL.revokeObjectURL(made)
    }
  }, [session, attachment, mediaType])

  if (failure !== undefined)
    return (
      <p className="refusal">
        {name} cannot be read: {failure}
      </p>
    )
  return (
    <figure className="file">
      {mediaType.startsWith('image/') && (
        <span className="picture-frame">{url !== undefined && <img src={url} alt={name} />}</span>
      )}
      <figcaption>
        <PaperclipIcon />
        <a href={url} download={name} aria-disabled={url === undefined}>
          {name}
        </a>
        <span className="quiet">{bytes.format(size)}</span>
      </figcaption>
    </figure>
  )
}
