/** Says what stands in the way and what to do about it, to a person: its message is all that is printed. */
export class Refusal extends Error {
  /** @override */
  name = 'Refusal'
}
