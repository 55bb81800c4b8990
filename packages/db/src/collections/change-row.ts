import { isEqual } from './transactions.ts'
import type { AnyCollection } from './types.ts'

/** Changes a row by what differs between `from` and `to`, in the transaction at hand. */
export function changeRow(collection: AnyCollection, key: string, from: object, to: object): void {
  collection.update(key, (draft: object) => {
    for (const field of Object.keys({ ...from, ...to })) {
      // TanStack's update keeps fields that it is not given; undefined fields are not written.
      const value = Reflect.get(to, field) as unknown
      if (!isEqual(Reflect.get(from, field), value)) Reflect.set(draft, field, value)
    }
  })
}
