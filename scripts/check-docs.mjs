// Checks the documents against the repository: links and anchors lead somewhere, files that are named exist, and the walks
// of docs/architecture.md follow the imports.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { importedBy } from './check-fences.mjs'
import { isMain, readJson, root } from './workspace.mjs'

const withoutCode = (text) => text.replace(/^ *```[\s\S]*?^ *```/gm, '')

/** Returns the anchor that GitHub gives a heading. */
export function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replace(/ /g, '-')
}

/** Returns the anchors that the headings of a document have. */
export function anchorsOf(text) {
  return [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading))
}

/** Returns the links of a document that lead nowhere. `documents` maps a path to its text; `exists` knows every file. */
export function linkProblems(document, documents, exists) {
  const text = withoutCode(documents.get(document))
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/^\[[^\]]+\]: (\S+)/gm)]
  return links.flatMap(([, link]) => {
    if (/^[a-z]+:/.test(link)) return []
    const [path, anchor] = link.split('#')
    const target = path === '' ? document : posix.join(dirname(document), path)
    if (!exists(target)) return [`${document}: the link ${link} leads nowhere.`]
    const known = documents.get(target)
    if (anchor !== undefined && known !== undefined && !anchorsOf(known).includes(anchor))
      return [`${document}: ${target} has no heading for the link ${link}.`]
    return []
  })
}

/** Returns the files that a document names in backticks and that do not exist. */
export function fileProblems(document, text, exists) {
  const named = [...withoutCode(text).matchAll(/`((?:packages|docs|scripts|bench|examples)\/[\w./-]+)`/g)]
  return named
    .filter(([, file]) => !exists(file))
    .map(([, file]) => `${document}: names ${file}, which does not exist.`)
}

/** Returns the walks of a document: numbered steps whose first words are a file, under a heading each. */
export function walksOf(text) {
  return text
    .split(/^## /m)
    .map((section) => ({
      heading: section.split('\n', 1)[0],
      files: [...section.matchAll(/^\d+\. \*\*`([^`]+)`\*\*/gm)].map(([, file]) => file),
    }))
    .filter(({ files }) => files.length > 1)
}

/**
 * Returns what is wrong with a walk: a step goes back to a file already passed, or no import joins its file with one already
 * passed. Between packages an import of the package joins.
 */
export function walkProblems({ heading, files }, sources, packageOf) {
  const joins = (one, other) =>
    importedBy(sources.get(one) ?? '').some((specifier) =>
      specifier.startsWith('.')
        ? posix.join(dirname(one), specifier) === other
        : packageOf(one) !== packageOf(other) && specifier === packageOf(other),
    )
  return files.flatMap((file, step) => {
    const passed = files.slice(0, step)
    if (!sources.has(file)) return [`${heading}, step ${step + 1}: ${file} does not exist.`]
    if (passed.includes(file)) return [`${heading}, step ${step + 1}: goes back to ${file}.`]
    if (step > 0 && !passed.some((each) => joins(each, file) || joins(file, each)))
      return [`${heading}, step ${step + 1}: no import joins ${file} with a file of an earlier step.`]
    return []
  })
}

/** Reads every file of the workspace whose name `pattern` matches. */
function readFiles(pattern, folder = root, files = new Map()) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (
        !/^(node_modules|dist.*|\.git|\.data|\.stamp|\.changeset|\.pages|\.site|\.vitepress)$/.test(
          entry.name,
        )
      )
        readFiles(pattern, path, files)
    } else if (pattern.test(entry.name)) files.set(relative(root, path), readFileSync(path, 'utf8'))
  }
  return files
}

if (isMain(import.meta.url)) {
  const documents = readFiles(/\.md$/)
  const sources = readFiles(/\.tsx?$/)
  const exists = (path) => existsSync(join(root, path))
  const packageOf = (file) => readJson(join(...file.split('/').slice(0, 2), 'package.json')).name
  const walks = walksOf(documents.get('docs/architecture.md'))
  const problems = [
    ...[...documents.keys()].flatMap((document) => linkProblems(document, documents, exists)),
    ...[...documents].flatMap(([document, text]) => fileProblems(document, text, exists)),
    ...walks
      .flatMap((walk) => walkProblems(walk, sources, packageOf))
      .map((problem) => `docs/architecture.md: ${problem}`),
    ...(walks.length === 2 ? [] : [`docs/architecture.md: expected two walks but received ${walks.length}.`]),
  ]
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  if (problems.length > 0) process.exitCode = 1
  else {
    const steps = walks.map(({ files }) => files.length).join(' and ')
    process.stdout.write(`docs: ${documents.size} documents; the walks have ${steps} steps\n`)
  }
}
