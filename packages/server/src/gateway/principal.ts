/** A user, as far as the gateway knows: its `id` is the principal that events are stamped with. */
export interface Principal {
  readonly id: string
}
