// @vitest-environment node
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { expect, onTestFinished, test } from 'vitest'

const source = fileURLToPath(new URL('../src/index.ts', import.meta.url))

/** Builds an application that has the inspector in it; returns its chunks. */
async function buildApplication(mode: 'production' | 'development'): Promise<readonly string[]> {
  // In this package, so that what it imports is found as an application finds it.
  const folder = mkdtempSync(join(fileURLToPath(new URL('.', import.meta.url)), '.app-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const main = join(folder, 'main.js')
  writeFileSync(
    main,
    `import { StreamDBInspector } from ${JSON.stringify(source)}\nexport const App = () => ['the application', StreamDBInspector]\n`,
  )
  const built = await build({
    ...{ root: folder, configFile: false, logLevel: 'silent', mode },
    define: { 'process.env.NODE_ENV': JSON.stringify(mode) },
    build: {
      ...{ write: false, minify: mode === 'production', lib: { entry: main, formats: ['es'] } },
      rolldownOptions: { external: [/^react/, /^@tanstack/] },
    },
  })
  if (!Array.isArray(built)) throw new Error('Expected the output of a library')
  return built.flatMap(({ output }) => output.map((file) => (file.type === 'chunk' ? file.code : '')))
}

test('[V21] a production build has nothing of the inspector; one for development loads it later', async () => {
  const production = await buildApplication('production')
  expect(production).toHaveLength(1)
  expect(production[0]).toContain('the application')
  expect(production[0]).toMatch(/\(\) ?=> ?null/)
  expect(production[0]).not.toMatch(/import|inspector"|attachShadow|createRoot|observe\(/)

  const development = await buildApplication('development')
  expect(development.length).toBeGreaterThan(1)
  expect(development[0]).toMatch(/import\(["'`]\.\/mount/)
  // Not in what the application loads at first.
  expect(development[0]).not.toContain('attachShadow')
  expect(development.slice(1).join()).toContain('attachShadow')
})
