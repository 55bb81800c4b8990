import { InspectorModel } from '../src/model/inspector-model.ts'
import type { InspectorModelOptions } from '../src/model/inspector-model.ts'

/** An event of the log. */
export type Item = Readonly<Record<string, unknown>>

export function put(key: string, value: object, headers: object = {}): Item {
  return { type: 'note', key, value: { id: key, ...value }, headers: { operation: 'upsert', ...headers } }
}

export function remove(key: string, headers: object = {}): Item {
  return { type: 'note', key, headers: { operation: 'delete', ...headers } }
}

export function control(name: string): Item {
  return { headers: { control: name } }
}

/** A model whose longer work runs when the test says so. */
export function scriptedModel(options: InspectorModelOptions = {}): {
  readonly model: InspectorModel
  /** Runs what waits, once; says whether anything did. */
  readonly runNext: () => boolean
} {
  const waiting: (() => void)[] = []
  const model = new InspectorModel({
    now: () => 1_000,
    runLater: (run) => void waiting.push(run),
    ...options,
  })
  return {
    model,
    runNext() {
      const next = waiting.shift()
      next?.()
      return next !== undefined
    },
  }
}

/** A model that holds items. */
export function modelOf(items: readonly unknown[], options: InspectorModelOptions = {}): InspectorModel {
  const { model } = scriptedModel(options)
  model.addUnchecked({ items, offset: '1' })
  model.timeline.finish()
  return model
}

/** The rows of a model at a point of the log, by type and key. */
export function rowsOf(model: InspectorModel, position?: number): Record<string, Record<string, unknown>> {
  const at = model.rowsAt(position)
  const { rows } = model.store
  const found = rows.types.map((type) => [
    type,
    Object.fromEntries([...at.rowsOf(type)].map((row) => [rows.name(row).key, at.value(row)])),
  ])
  // Types that have lost all rows count as none.
  return Object.fromEntries(found.filter(([, each]) => Object.keys(each as object).length > 0)) as never
}
