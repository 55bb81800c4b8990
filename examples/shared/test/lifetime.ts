import { afterAll, onTestFinished } from 'vitest'

/** Until when something is kept: what is given to it runs at its end. */
export type Lifetime = (end: () => void | Promise<void>) => void

/** As long as the running test. Of tests that run at the same time each has its own, in its context. */
export const untilTestEnds: Lifetime = (end) => onTestFinished(end)

/** Returns a lifetime that ends after the last test of the file that calls it, at its top level; the last thing ends first. */
export function untilFileEnds(): Lifetime {
  const ends: (() => void | Promise<void>)[] = []
  afterAll(async () => {
    for (const end of ends.reverse()) await end()
  })
  return (end) => void ends.push(end)
}
