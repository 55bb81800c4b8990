import { useStore } from '@streamdb/example-shared/page'
import { useEffect } from 'react'
import { useRoom } from './chat-context.ts'
import { CloseIcon } from './icons.tsx'

/** How long a word on what was done stays, in milliseconds. */
const stays = 12_000

/** Says what was done last, and offers to undo it. */
export function ActToast() {
  const { acts } = useRoom()
  const act = useStore(acts.latest)

  useEffect(() => {
    if (act === undefined) return
    const timer = setTimeout(() => acts.forget(), stays)
    return () => clearTimeout(timer)
  }, [act, acts])

  return (
    <div className="toast-place" role="status">
      {act !== undefined && (
        <div className={`toast ${act.tone}`}>
          <p>{act.words}</p>
          {act.offers === 'undo' && (
            <button type="button" onClick={() => acts.undo()}>
              Undo
            </button>
          )}
          {act.offers === 'redo' && (
            <button type="button" onClick={() => acts.redo()}>
              Redo
            </button>
          )}
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => acts.forget()}>
            <CloseIcon />
          </button>
        </div>
      )}
    </div>
  )
}
