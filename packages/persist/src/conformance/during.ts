/** Repeats `step` until `task` is over; rejects with what either of them throws. */
export async function during(task: () => Promise<void>, step: () => Promise<void>): Promise<void> {
  let isOver = false
  const done = task().finally(() => (isOver = true))
  // Where a step fails first, that is what is said.
  done.catch(() => undefined)
  while (!isOver) {
    await step()
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await done
}
