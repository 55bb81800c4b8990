import { LeftIcon, RightIcon } from '@streamdb/example-shared/page'
import type { Message } from '@streamdb/session'
import { useBranches } from '@streamdb/session/react'
import type { MouseEvent } from 'react'
import { useGoTo } from './go-to.ts'

/** Where something else stands at the place of a message in another branch: which one this is, and the way to the others. */
export function Versions({ message }: { readonly message: Message }) {
  const { branch, alternatives, index, previous, next } = useBranches(message)
  const goTo = useGoTo()
  if (alternatives.length < 2) return undefined

  function select({ currentTarget }: MouseEvent, to: () => void): void {
    // What had the focus goes away with the branch that was shown: what is before it is the same in both.
    const before = currentTarget.closest('[data-message]')?.previousElementSibling
    const after = before?.getAttribute('data-message') ?? undefined
    goTo({ name: 'version', from: branch, after, button: currentTarget.getAttribute('aria-label') ?? '' })
    to()
  }

  return (
    <span className="versions" role="group" aria-label="Versions">
      <button
        type="button"
        aria-label="Version before"
        disabled={index <= 0}
        onClick={(event) => select(event, previous)}
      >
        <LeftIcon />
      </button>
      <span>
        {index + 1} of {alternatives.length}
      </span>
      <button
        type="button"
        aria-label="Next version"
        disabled={index >= alternatives.length - 1}
        onClick={(event) => select(event, next)}
      >
        <RightIcon />
      </button>
    </span>
  )
}
