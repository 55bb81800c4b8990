import type { Effect } from '../model/event-block.ts'

/** What an event does, as a coloured word. */
export function EffectBadge({ effect, isInvalid }: { readonly effect: Effect; readonly isInvalid: boolean }) {
  const shown = isInvalid ? 'invalid' : effect
  return <span className={`badge badge-${shown}`}>{shown}</span>
}
