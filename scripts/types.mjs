// Type-checks every tsconfig.json of the workspace, type tests (`*.test-d.ts`) among them. One check a project.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { record, root, sideBySide, startBin } from './workspace.mjs'

const inside = (folder) =>
  existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => `${folder}/${name}`) : []

const projects = [...inside('packages'), ...inside('examples'), 'bench', 'docs', 'scripts'].filter((folder) =>
  existsSync(join(root, folder, 'tsconfig.json')),
)
// By itself each compiler takes all cores, and checks what its threads share once in each of them.
await sideBySide(projects, async (project) => {
  const ok = await startBin('tsc', ['--singleThreaded', '-p', project])
  process.stdout.write(`types ${project}: ${ok ? 'passed' : 'FAILED'}\n`)
  record(`types ${project}`, ok ? 1 : 0, ok ? 0 : 1)
  if (!ok) process.exitCode = 1
})
