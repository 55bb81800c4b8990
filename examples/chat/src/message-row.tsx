import { Avatar } from '@streamdb/example-shared/page'
import { useId, useState } from 'react'
import { useRoom } from './chat-context.ts'
import { DayLine, UnreadLine } from './divider-lines.tsx'
import { EditBox } from './edit-box.tsx'
import { fullDate, time } from './format.ts'
import { MessageActions } from './message-actions.tsx'
import { MessageState } from './message-state.tsx'
import { PictureFrame } from './picture-frame.tsx'
import { ReadBy } from './read-by.tsx'
import { Reactions } from './reactions.tsx'
import type { Place } from './rows.ts'
import type { Unsaved } from './use-unsaved.ts'
import type { MessageView, ReactionView, ReaderView } from './views.ts'

interface MessageRowProps {
  readonly message: MessageView
  readonly place: Place
  readonly unsaved: Unsaved | undefined
  readonly reactions: readonly ReactionView[] | undefined
  readonly readers: readonly ReaderView[] | undefined
  readonly editing: boolean
  readonly tabIndex: 0 | -1
}

/** One message, with its reactions, readers and actions. */
export function MessageRow({
  message,
  place,
  unsaved,
  reactions,
  readers,
  editing,
  tabIndex,
}: MessageRowProps) {
  const { me } = useRoom()
  const about = useId()
  const [choosing, setChoosing] = useState(false)
  const { id, authorId, authorName = authorId, text, sentAt, editedAt, attachment } = message
  const kinds = ['message', place.continues ? 'next' : 'first', unsaved === undefined ? '' : 'unsaved']

  return (
    <>
      {place.beginsDay && <DayLine at={sentAt} />}
      {place.beginsUnread && <UnreadLine />}
      <article
        className={kinds.join(' ').trim()}
        tabIndex={tabIndex}
        aria-labelledby={about}
        // A finger leaves the message with every tap, before the click.
        onPointerLeave={({ pointerType }) => pointerType === 'mouse' && setChoosing(false)}
      >
        {!place.continues && <Avatar id={authorId} name={authorName} />}
        <p className={place.continues ? 'about at-side' : 'about'} id={about}>
          <span className={place.continues ? 'visually-hidden' : 'author'}>{authorName}</span>{' '}
          <time dateTime={new Date(sentAt).toISOString()} title={fullDate(sentAt)}>
            {time(sentAt)}
          </time>
        </p>
        <div className="content">
          {editing ? (
            <EditBox id={id} text={text} />
          ) : (
            text !== '' && (
              <p className="text">
                {text}
                {editedAt !== undefined && (
                  <span className="edited" title={fullDate(editedAt)}>
                    {' '}
                    edited
                  </span>
                )}
              </p>
            )
          )}
          {attachment !== undefined && <PictureFrame messageId={id} attachment={attachment} />}
          {reactions !== undefined && <Reactions messageId={id} reactions={reactions} tabIndex={tabIndex} />}
          <MessageState unsaved={unsaved} />
        </div>
        {!editing && (
          <MessageActions
            message={message}
            mine={authorId === me.id}
            sent={unsaved !== 'insert'}
            choosing={choosing}
            onChoosing={setChoosing}
            tabIndex={tabIndex}
          />
        )}
        {readers !== undefined && <ReadBy readers={readers} />}
      </article>
    </>
  )
}
