import { and } from '@tanstack/db'
import type { AnyCollection, SubscribeOptions, Subscription } from './types.ts'

/**
 * Lets an ordered and limited live query count this client's pending rows when it finds out where its window ends.
 *
 * TanStack's loader remembers a boundary up to which it knows every row, and asks for rows behind it when the window
 * runs short. It leaves pending rows out of it, as rows that the source does not have. With a window that is full of
 * them it has no boundary at all, and treats any row that it received as the next one of the window
 * (F-real-1). A collection of StreamDB holds all of its rows, pending ones too, so the last visible row is a boundary.
 *
 * Contract: contract/window.test.ts. Upstream: TanStack/db#410 and what followed; a boundary for eager sources that
 * counts pending rows would remove this file. Where `readOrderedSnapshot` is no longer called on the subscription, this
 * does nothing.
 */
export function countPendingRows(
  collection: AnyCollection,
  subscription: Subscription,
  { whereExpression }: SubscribeOptions,
): void {
  subscription.readOrderedSnapshot = ({ orderBy, limit, where, cursor }) => {
    const conditions = [whereExpression, where, cursor?.whereFrom].filter((each) => each !== undefined)
    const condition = conditions.reduce<(typeof conditions)[number] | undefined>(
      (all, each) => (all === undefined ? each : and(all, each)),
      undefined,
    )
    const rows = collection.currentStateAsChanges({
      ...(condition && { where: condition }),
      ...(orderBy && { orderBy }),
      ...(limit !== undefined && { limit }),
    })
    // A row is an object of named values, which TanStack's two types for it spell differently.
    return (rows ?? []) as ReturnType<Subscription['readOrderedSnapshot']>
  }
}
