import { Avatar, WarningIcon } from '@streamdb/example-shared/page'
import { useRoom } from './chat-context.ts'
import type { Unsent } from './outbox.ts'
import { PictureFrame } from './picture-frame.tsx'

interface UnsentRowProps {
  readonly unsent: Unsent
  readonly tabIndex: 0 | -1
}

/** A message that could not be sent, the reason, and buttons to retry or discard it. */
export function UnsentRow({ unsent, tabIndex }: UnsentRowProps) {
  const { outbox, me } = useRoom()
  const { message, reason } = unsent
  return (
    <article className="message first unsent" tabIndex={tabIndex} aria-label={`${me.name}, not sent`}>
      <Avatar id={me.id} name={me.name} />
      <p className="about">
        <span className="author">{me.name}</span> not sent
      </p>
      <div className="content">
        {message.text !== '' && <p className="text">{message.text}</p>}
        {message.attachment !== undefined && (
          <PictureFrame messageId={message.id} attachment={message.attachment} />
        )}
        <p className="reason" role="alert">
          <WarningIcon />
          {reason}
        </p>
        <p className="ways-out">
          <button type="button" onClick={() => outbox.retry(unsent)}>
            Try again
          </button>
          <button type="button" onClick={() => outbox.discard(unsent)}>
            Discard
          </button>
        </p>
      </div>
    </article>
  )
}
