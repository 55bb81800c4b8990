#!/usr/bin/env node
import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { checkFolder } from './app-folder.ts'
import { askForFolder } from './ask-for-folder.ts'
import { writeApp } from './write-app.ts'

const usage = `Makes a new application with StreamDB: Vite, React and TypeScript, with an embedded stream server.

Usage: npm create streamdb [folder]

Options:
  -y, --yes    ask nothing: the folder is my-app unless told
  -h, --help   this help

Examples:
  # Asks for the folder
  $ npm create streamdb

  # Into ./chat
  $ npm create streamdb chat
`

process.exitCode = await run(process.argv.slice(2))

/** Returns the exit code: 0 done, 1 failed, 2 the command line cannot be used, 130 given up. */
async function run(argv: readonly string[]): Promise<number> {
  const args = parse(argv)
  if (typeof args === 'string') return fail(`${args}\n\n${usage}`)
  if (args.help) return print(usage)
  const isInteractive = process.stdin.isTTY && process.stdout.isTTY && !args.yes
  const given = args.folder ?? (isInteractive ? await askForFolder() : 'my-app')
  if (given === undefined) return 130
  const folder = checkFolder(given)
  if (folder.type === 'unusable') return fail(`${folder.message}.\n`)
  try {
    writeApp(folder.path, folder.name)
  } catch (error) {
    process.stderr.write(`The application could not be written: ${String(error)}\n`)
    return 1
  }
  return print(nextSteps(relative('', folder.path), process.env['npm_config_user_agent']))
}

interface Arguments {
  readonly folder: string | undefined
  readonly yes: boolean
  readonly help: boolean
}

/** Returns the arguments, or what is wrong with them. */
function parse(argv: readonly string[]): Arguments | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { yes: { type: 'boolean', short: 'y' }, help: { type: 'boolean', short: 'h' } },
    })
    const [folder, ...more] = positionals
    if (more.length > 0) return `Expected one folder but received ${positionals.length}`
    return { folder, yes: values.yes === true, help: values.help === true }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function nextSteps(folder: string, agent = ''): string {
  const manager = /^(pnpm|yarn|bun)\//.exec(agent)?.[1] ?? 'npm'
  const steps = [...(folder === '' ? [] : [`cd ${folder}`]), `${manager} install`, `${manager} run dev`]
  return `Made ${folder === '' ? 'the application here' : folder}. Now:\n\n${steps.map((step) => `  ${step}`).join('\n')}\n`
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

function fail(text: string): number {
  process.stderr.write(text)
  return 2
}
