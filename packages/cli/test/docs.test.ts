import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { createProgram } from '../src/program.ts'

const program = createProgram({ signal: new AbortController().signal, exitCode: 0 })
const common = program.options.map(({ long }) => long)

const optionsOf = (command: Command): string[] => command.options.flatMap(({ long }) => long ?? [])

test('[K16] docs/cli.md has a section for every command, with every option, and no others', async () => {
  const document = await readFile(new URL('../../../docs/cli.md', import.meta.url), 'utf8')
  const sections = new Map(document.split(/^## /m).map((text) => [text.split('\n', 1)[0] ?? '', text]))
  for (const command of program.commands) {
    const section = sections.get(command.name()) ?? ''
    const shared = ['--json', '--server', '--header', '--color', '--no-color']
    const missing = optionsOf(command).filter(
      (option) => !shared.includes(option) && !section.includes(option),
    )
    expect({ command: command.name(), hasSection: section !== '', missing }).toEqual({
      command: command.name(),
      hasSection: true,
      missing: [],
    })
  }
  const lines = [...document.matchAll(/^(?:npx )?streamdb (\w+)(.*?)(?: #.*| -- .*)?$/gm)]
  expect(lines.length).toBeGreaterThan(20)
  for (const [line, name, rest = ''] of lines) {
    const command = program.commands.find((each) => each.name() === name)
    const known = [...common, ...(command === undefined ? [] : optionsOf(command))]
    const unknown = [...rest.replace(/'[^']*'|"[^"]*"/g, '').matchAll(/--[a-z-]+/g)].filter(
      ([option]) => !known.includes(option),
    )
    expect({ line, isKnown: command !== undefined, unknown: unknown.map(String) }).toEqual({
      line,
      isKnown: true,
      unknown: [],
    })
  }
})

test('[K16] the help of every command ends with examples, of commands that exist', () => {
  for (const command of program.commands) {
    let help = ''
    command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp()
    const shown = [...help.matchAll(/^ {2}\$ streamdb (\w+)/gm)].map(([, name]) => name)
    expect(shown).toContain(command.name())
    for (const name of shown) expect(program.commands.map((each) => each.name())).toContain(name)
  }
})

test('[K16] docs/cli.md has every code of an error', async () => {
  const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')
  const [document, source] = await Promise.all([read('../../../docs/cli.md'), read('../src/cli-error.ts')])
  const codes = [...source.matchAll(/^ {2}\| '([a-z-]+)'$/gm)].map(([, code]) => code)
  expect(codes.length).toBeGreaterThan(8)
  expect(codes.filter((code) => !document.includes(`| \`${code}\``))).toEqual([])
})
