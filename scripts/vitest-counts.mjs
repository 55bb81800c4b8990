import { record } from './workspace.mjs'

/**
 * A Vitest reporter that counts for `.ci/run`. What Vitest fails a run for without a failed test
 * counts as a failure too: a file that does not load, an error outside of any test.
 */
export default class Counts {
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0
    let failed = unhandledErrors.length
    const projects = new Set()
    for (const module of modules) {
      projects.add(module.project.name)
      if (module.errors().length > 0) failed += 1
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) failed += 1
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed += 1
        if (state === 'failed') failed += 1
      }
    }
    if (passed + failed > 0) record(`vitest (${[...projects].sort().join(', ')})`, passed, failed)
  }
}
