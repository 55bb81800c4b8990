/** Work in short steps, between which the event loop may turn. */
export type Steps<Result> = Generator<undefined, Result>

/** How many rows are looked at in one step: about a millisecond. */
export const STEP_LENGTH = 2000

/** Takes all steps that are left; returns the result. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
