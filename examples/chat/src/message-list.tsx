import { DownIcon, ErrorBoundary, useRowKeys } from '@streamdb/example-shared/page'
import { useReadable } from '@streamdb/react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Arrivals } from './arrivals.tsx'
import { useRoom } from './chat-context.ts'
import { EmptyRoom } from './empty-room.tsx'
import { MessageRow } from './message-row.tsx'
import { placeOf } from './rows.ts'
import { UnreadableMessage } from './unreadable-message.tsx'
import { UnsentRow } from './unsent-row.tsx'
import { useReactions, useReaders } from './use-by-message.ts'
import { useReadReceipt } from './use-read-receipt.ts'
import { useUnread } from './use-unread.ts'
import { useUnsaved } from './use-unsaved.ts'
import type { MessageView } from './views.ts'

/** The estimated height of a message; each one in sight is measured. */
const rowHeight = 64
/** A list that is scrolled to within this distance of its end follows new messages, in pixels. */
const nearEnd = 80

/** The messages; only those in sight are in the document. Follows new ones while it is scrolled to its end. */
export function MessageList({ messages }: { readonly messages: readonly MessageView[] }) {
  const room = useRoom()
  const { outbox, editing, me } = room
  const scroller = useRef<HTMLDivElement>(null)
  const failed = useReadable(outbox.failed)
  const edited = useReadable(editing)
  const unsaved = useUnsaved(room)
  const reactions = useReactions(room)
  const readers = useReaders(room)
  const unread = useUnread(room)
  // As it was when the room was entered: the line stays where it is.
  const [firstUnread] = useState(() => {
    const { readUntil = Infinity } = unread
    return messages.find(({ sentAt, authorId }) => sentAt > readUntil && authorId !== me.id)?.id
  })
  const [atEnd, setAtEnd] = useState(true)
  const last = messages.at(-1)
  const rows = messages.length + failed.length

  const virtualizer = useVirtualizer({
    count: rows,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => messages[index]?.id ?? failed[index - messages.length]?.message.id ?? index,
    estimateSize: () => rowHeight,
    overscan: 12,
    paddingEnd: 8,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: nearEnd,
    onChange: (instance) => setAtEnd(instance.isAtEnd(nearEnd)),
  })
  const { current, onKeyDown, onFocus } = useRowKeys(rows, virtualizer, {
    selector: 'article',
    start: rows - 1,
  })
  useReadReceipt(room, last, atEnd)

  useLayoutEffect(() => virtualizer.scrollToEnd(), [virtualizer])
  // Always scroll to the user's own new messages.
  const ownLast = last?.authorId === me.id ? last.id : undefined
  const sawFirst = useRef(false)
  useEffect(() => {
    if (sawFirst.current && ownLast !== undefined) virtualizer.scrollToEnd()
    sawFirst.current = true
  }, [ownLast, failed.length, virtualizer])
  useEffect(() => {
    const index = messages.findIndex(({ id }) => id === edited)
    if (index !== -1) virtualizer.scrollToIndex(index)
    // Only when editing starts: new messages must not scroll the list back.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [edited, virtualizer])

  return (
    <div className="list">
      <div className="scroller" ref={scroller}>
        {rows === 0 && <EmptyRoom />}
        {/* Without a role, Safari does not treat a list without markers as one. */}
        <ol
          role="list"
          aria-label="Messages"
          className="rows"
          style={{ blockSize: virtualizer.getTotalSize() }}
          onKeyDown={onKeyDown}
          onFocus={onFocus}
        >
          {virtualizer.getVirtualItems().map(({ index, key, start }) => {
            const message = messages[index]
            const unsent = failed[index - messages.length]
            return (
              <li
                key={key}
                ref={virtualizer.measureElement}
                data-index={index}
                aria-setsize={rows}
                aria-posinset={index + 1}
                style={{ transform: `translateY(${start}px)` }}
              >
                {message !== undefined && (
                  <ErrorBoundary
                    resetKey={message}
                    fallback={<UnreadableMessage tabIndex={index === current ? 0 : -1} />}
                  >
                    <MessageRow
                      message={message}
                      place={placeOf(message, messages[index - 1], firstUnread)}
                      unsaved={unsaved.get(message.id)}
                      reactions={reactions.get(message.id)}
                      readers={readers.get(message.id)}
                      editing={edited === message.id}
                      tabIndex={index === current ? 0 : -1}
                    />
                  </ErrorBoundary>
                )}
                {unsent !== undefined && <UnsentRow unsent={unsent} tabIndex={index === current ? 0 : -1} />}
              </li>
            )
          })}
        </ol>
      </div>
      {!atEnd && (
        <button type="button" className="to-end" onClick={() => virtualizer.scrollToEnd()}>
          <DownIcon />
          {unread.count > 0 ? `${unread.count} new` : 'To the latest'}
        </button>
      )}
      <Arrivals messages={messages} />
    </div>
  )
}
