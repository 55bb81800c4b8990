import { CloseIcon } from '@streamdb/example-shared/page'
import { useReadable } from '@streamdb/react'
import { useEffect } from 'react'
import { useRoom } from './chat-context.ts'

/** How long a note stays, in milliseconds. */
const duration = 12_000

/** Shows what the user did last, and offers to undo it. */
export function FeedbackToast() {
  const { feedback } = useRoom()
  const note = useReadable(feedback.latest)

  useEffect(() => {
    // A refusal stays until it is dismissed: the change is lost.
    if (note === undefined || note.tone === 'bad') return
    const timer = setTimeout(() => feedback.clear(), duration)
    return () => clearTimeout(timer)
  }, [note, feedback])

  return (
    <div className="toast-place" role="status">
      {note !== undefined && (
        <div className={`toast ${note.tone}`}>
          <p>{note.text}</p>
          {note.offers === 'undo' && (
            <button type="button" onClick={() => feedback.undo()}>
              Undo
            </button>
          )}
          {note.offers === 'redo' && (
            <button type="button" onClick={() => feedback.redo()}>
              Redo
            </button>
          )}
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => feedback.clear()}>
            <CloseIcon />
          </button>
        </div>
      )}
    </div>
  )
}
