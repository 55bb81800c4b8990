// @ts-check
import { appendFileSync } from 'node:fs'

/** A Vitest reporter that writes how each test ended, for `npm run test:server`: a line of JSON each. */
export default class Outcomes {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} errors Outside of any test.
   */
  onTestRunEnd(modules, errors) {
    const file = process.env['STREAMDB_OUTCOMES']
    if (file === undefined) return
    /** @param {string} state @param {string} name @param {string} [note] */
    const write = (state, name, note) => appendFileSync(file, `${JSON.stringify({ state, name, note })}\n`)
    // One that came from another process is no Error any more.
    for (const error of errors) write('failed', String(Reflect.get(Object(error), 'message') ?? 'an error'))
    for (const module of modules) {
      if (module.errors().length > 0) write('failed', module.moduleId)
      for (const suite of module.children.allSuites())
        if (suite.errors().length > 0) write('failed', suite.fullName)
      for (const test of module.children.allTests()) {
        const result = test.result()
        write(result.state, test.fullName, result.state === 'skipped' ? result.note : undefined)
      }
    }
  }
}
