import { useLiveQuery, eq } from '@streamdb/react'
import { useRoom } from './chat-context.ts'
import { names } from './format.ts'
import type { ReactionView } from './views.ts'

/** The reactions that are offered, with the names that screen readers read. */
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
  /** That of the message. */
  readonly tabIndex: 0 | -1
}

/** A message's reactions, with their numbers and the names of those who reacted. */
export function Reactions({ messageId, reactions, tabIndex }: ReactionsProps) {
  const { db, feedback, me } = useRoom()
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
        const people = who.filter((each) => each.emoji === emoji).sort(byName)
        const name = nameOf(emoji)
        return (
          <li key={emoji}>
            <button
              type="button"
              className="pill"
              tabIndex={tabIndex}
              aria-pressed={people.some(({ id }) => id === me.id)}
              aria-label={`${name}, ${count}${people.length > 0 ? `, by ${names(people)}` : ''}`}
              title={names(people)}
              onClick={() => feedback.attempt(() => db.actions.react({ messageId, userId: me.id, emoji }))}
            >
              <span aria-hidden="true">{emoji}</span> {count}
            </button>
          </li>
        )
      })}
    </ul>
  )
}

/** Screen readers have names of their own for an emoji that has none here. */
function nameOf(emoji: string): string {
  return [...emojis, ['👋', 'wave']].find(([each]) => each === emoji)?.[1] ?? emoji
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name.localeCompare(other.name)
}

/** Sorts as they are offered; others come first, by their text. */
function inOrder(one: ReactionView, other: ReactionView): number {
  return placeOf(one.emoji) - placeOf(other.emoji) || one.emoji.localeCompare(other.emoji)
}

function placeOf(emoji: string): number {
  return emojis.findIndex(([each]) => each === emoji)
}
