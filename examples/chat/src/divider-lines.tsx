import { useNow } from '@streamdb/example-shared/page'
import { dayOf } from './format.ts'

/** The line above the first message of a day. */
export function DayLine({ at }: { readonly at: number }) {
  return (
    <p className="line day-line">
      <time dateTime={new Date(at).toISOString().slice(0, 10)}>{dayOf(at, useNow())}</time>
    </p>
  )
}

/** The line above the first message that was unread when the room was entered. */
export function UnreadLine() {
  return <p className="line unread-line">New</p>
}
