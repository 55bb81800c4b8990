import type {
  ChangeEvent,
  ChangeHeaders,
  CollectionDefinition,
  InferOutput,
  KeyValueDefinition,
  StateDefinition,
} from '@streamdb/state'

/** The types of the events of a state. */
export type TypeOf<State extends StateDefinition> = State[keyof State]['type']

/** What an event of a definition carries, as its schema returns it; the value alone of `keyValue`. */
export type ValueOf<Definition> =
  Definition extends KeyValueDefinition<infer _Input, infer Output>
    ? Output
    : Definition extends CollectionDefinition
      ? InferOutput<Definition['schema']>
      : never

/** What an event of a type carries. */
export type RowOfType<State extends StateDefinition, Type extends string> = ValueOf<
  Extract<State[keyof State], { readonly type: Type }>
>

/** The rows of a stream, as they are right before an event. */
export interface Rows<State extends StateDefinition = StateDefinition> {
  /** Returns the row of a key, or `undefined`. */
  get<Type extends TypeOf<State>>(type: Type, key: string): RowOfType<State, Type> | undefined
  /** Returns the headers of the event that wrote a row last, such as its `principal`; nothing where there is no row. */
  headers(type: TypeOf<State>, key: string): ChangeHeaders | undefined
  /** Returns the rows of a type with their keys, in no particular order. */
  entries<Type extends TypeOf<State>>(
    type: Type,
  ): IterableIterator<[key: string, row: RowOfType<State, Type>]>
}

/** A requested event of a state, by its type: with a literal type, `row` has that type's fields. */
export type WriteOf<State extends StateDefinition> = keyof State extends never
  ? WriteOfAny<StateDefinition>
  : WriteOfAny<State>

type WriteOfAny<State extends StateDefinition> = {
  [Name in keyof State]: {
    readonly type: State[Name]['type']
    /** As it will be written, but for what the gateway stamps. Its value is what the schema returned. */
    readonly event: ChangeEvent<ValueOf<State[Name]>> & { readonly type: State[Name]['type'] }
    /** The row before the event; `undefined` where there is none. */
    readonly row: ValueOf<State[Name]> | undefined
  }
}[keyof State]
