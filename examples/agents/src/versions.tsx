import { LeftIcon, RightIcon } from '@streamdb/example-shared/page'
import type { Message } from '@streamdb/session'
import { useBranches } from '@streamdb/session/react'

/** Where something else stands at the place of a message in another branch: which one this is, and the way to the others. */
export function Versions({ message }: { readonly message: Message }) {
  const { alternatives, index, previous, next } = useBranches(message)
  if (alternatives.length < 2) return undefined
  return (
    <span className="versions" role="group" aria-label="Versions">
      <button type="button" aria-label="Version before" disabled={index <= 0} onClick={previous}>
        <LeftIcon />
      </button>
      <span>
        {index + 1} of {alternatives.length}
      </span>
      <button
        type="button"
        aria-label="Next version"
        disabled={index >= alternatives.length - 1}
        onClick={next}
      >
        <RightIcon />
      </button>
    </span>
  )
}
