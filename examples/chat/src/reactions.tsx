import { useLiveQuery, eq } from '@streamdb/react'
import { useRoom } from './chat-context.ts'
import type { ReactionView } from './views.ts'
import { names } from './words.ts'

/** What one can react with, and how it is read out. */
export const emojis = [
  ['👍', 'thumbs up'],
  ['❤️', 'heart'],
  ['😂', 'laughter'],
  ['🎉', 'party'],
  ['👀', 'eyes'],
  ['🙏', 'thanks'],
] as const

interface ReactionsProps {
  readonly messageId: string
  readonly reactions: readonly ReactionView[]
}

/** A message's reactions, with their numbers and the names behind them. */
export function Reactions({ messageId, reactions }: ReactionsProps) {
  const { db, acts, me } = useRoom()
  const { users, reactions: all } = db.collections
  const { data: who } = useLiveQuery({
    query: (q) =>
      q
        .from({ reaction: all })
        .innerJoin({ user: users }, ({ reaction, user }) => eq(reaction.userId, user.id))
        .where(({ reaction }) => eq(reaction.messageId, messageId))
        .select(({ reaction, user }) => ({ emoji: reaction.emoji, id: user.id, name: user.name })),
  })

  return (
    <ul role="list" className="pills" aria-label="Reactions">
      {[...reactions].sort(inOrder).map(({ emoji, count }) => {
        const people = who.filter((each) => each.emoji === emoji)
        const name = emojis.find(([each]) => each === emoji)?.[1] ?? emoji
        return (
          <li key={emoji}>
            <button
              type="button"
              className="pill"
              aria-pressed={people.some(({ id }) => id === me.id)}
              aria-label={`${name}, ${count}`}
              title={names(people)}
              onClick={() => {
                acts.forget()
                db.actions.react({ messageId, userId: me.id, emoji })
              }}
            >
              <span aria-hidden="true">{emoji}</span> {count}
            </button>
          </li>
        )
      })}
    </ul>
  )
}

/** The order in which they are offered. */
function inOrder(one: ReactionView, other: ReactionView): number {
  return placeOf(one.emoji) - placeOf(other.emoji)
}

function placeOf(emoji: string): number {
  return emojis.findIndex(([each]) => each === emoji)
}
