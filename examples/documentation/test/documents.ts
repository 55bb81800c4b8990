import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

export const root: string = join(import.meta.dirname, '../../..')

/** A snippet of a document. */
export interface Snippet {
  /** `README.md:12`: the document and the line of the fence. */
  readonly where: string
  readonly language: 'ts' | 'tsx'
  readonly code: string
  /** What it prints when it is run; absent where it is only compiled. */
  readonly prints: string | undefined
}

/** The documents of the project, relative to its root. */
export function documents(): string[] {
  const folders = ['.', 'docs', ...['packages', 'examples'].flatMap(foldersIn)]
  return folders.flatMap((folder) =>
    filesIn(folder)
      .filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md')
      .map((name) => join(folder, name)),
  )
}

/**
 * Returns the TypeScript snippets of a document. One is run where the next fence is ```text, which holds what it prints.
 * A snippet with an ellipsis in place of code is no program, and only its form is shown.
 */
export function snippetsOf(document: string): Snippet[] {
  const text = readFileSync(join(root, document), 'utf8')
  const fence = /^```(\w+)[^\n]*\n([\s\S]*?)^```$/gm
  const blocks = [...text.matchAll(fence)].map(([whole, language = '', code = ''], index, all) => {
    const at = all[index]?.index ?? 0
    return { language, code, at, end: at + whole.length }
  })
  return blocks.flatMap(({ language, code, at, end }, index) => {
    if ((language !== 'ts' && language !== 'tsx') || code.includes('…')) return []
    const next = blocks[index + 1]
    const follows = next?.language === 'text' && text.slice(end, next.at).trim() === ''
    const where = `${relative('.', document)}:${text.slice(0, at).split('\n').length}`
    return [{ where, language, code, prints: follows ? next.code : undefined }]
  })
}

function foldersIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name))
}

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
}
