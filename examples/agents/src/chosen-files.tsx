import { CloseIcon } from '@streamdb/example-shared/page'
import type { ComposerHandle } from '@streamdb/session/react'

type ChosenFilesProps = Pick<ComposerHandle, 'attachments' | 'removeAttachment' | 'retryAttachment'>

/** The files that go with the next message; they are stored while it is written. */
export function ChosenFiles({ attachments, removeAttachment, retryAttachment }: ChosenFilesProps) {
  if (attachments.length === 0) return undefined
  return (
    <ul role="list" className="chosen-files" aria-label="Attached">
      {attachments.map(({ id, name, size, upload }) => (
        <li key={id}>
          <span>{name}</span>
          {upload.name === 'uploading' && (
            <progress aria-label={`Storing ${name}`} value={upload.stored / Math.max(1, size)} />
          )}
          {upload.name === 'failed' && (
            <button type="button" className="small-button" onClick={() => retryAttachment(id)}>
              Try again
            </button>
          )}
          <button
            type="button"
            className="remove"
            aria-label={`Remove ${name}`}
            onClick={() => removeAttachment(id)}
          >
            <CloseIcon />
          </button>
        </li>
      ))}
    </ul>
  )
}
