// Writes what a package makes public into `packages/X/api/X.api.md`, or, with --check, compares it with what is there.
// A change of the public API is thereby a change in a committed file, which a reader sees. TypeScript 7 has no JS
// API, so this reads the text of the declarations, which `tsc` writes one statement after another.

import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { format } from 'prettier'
import { buildAll } from './build.mjs'
import { hasModule, isMain, publicPackages, readJson, record, root } from './workspace.mjs'

/** Returns the text without comments, and without the empty lines they leave, and with strings as they are. */
function withoutComments(text) {
  const stringOrComment = /("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/.*$/gm
  return text.replace(stringOrComment, (_, string) => string ?? '').replace(/\n\s*\n/g, '\n')
}

/** Splits a declaration file into its statements: each begins at the left margin, with a word. */
function statements(text) {
  return withoutComments(text)
    .split(/^(?=[a-z])/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}

/** Reads `a, type B, c as d` into pairs of a name and what it is called outside. */
function names(list) {
  return list
    .split(',')
    .map((item) => item.trim().replace(/^type\s+/, ''))
    .filter((item) => item !== '')
    .map((item) => item.split(/\s+as\s+/))
    .map(([name, alias = name]) => ({ name, alias }))
}

/** Reads one declaration file: its declarations, what it imports, and what it exports from where. */
function readModule(text) {
  const module = { declarations: new Map(), imports: new Map(), exports: [] }
  for (const statement of statements(text)) {
    const clause = /^(import|export)\s+(?:type\s+)?\{([\s\S]*)\}(?:\s*from\s*['"](.+)['"])?;?$/.exec(
      statement,
    )
    const namespace = /^(import|export)\s+(?:type\s+)?\*(?:\s*as\s+(\w+))?\s*from\s*['"](.+)['"];?$/.exec(
      statement,
    )
    const declared =
      /^(?:export\s+)?(?:declare\s+)?(?:abstract\s+)?(?:const|let|var|function|class|interface|type|enum|namespace)\s+([\w$]+)/.exec(
        statement,
      )
    if (clause !== null) {
      const [, keyword, list, from] = clause
      for (const { name, alias } of names(list)) {
        if (keyword === 'import') module.imports.set(alias, { name, from })
        else module.exports.push({ name, alias, from })
      }
    } else if (namespace !== null) {
      const [, keyword, alias, from] = namespace
      if (keyword === 'import') module.imports.set(alias, { name: '*', from })
      else module.exports.push({ name: '*', alias, from })
    } else if (declared !== null) {
      const [, name] = declared
      module.declarations.set(name, [...(module.declarations.get(name) ?? []), statement])
      if (statement.startsWith('export')) module.exports.push({ name, alias: name, from: undefined })
    } else {
      throw new Error(`The API report does not understand this declaration:\n${statement}`)
    }
  }
  return module
}

/**
 * Returns the report's TypeScript: every public name at its declaration, sorted, and then what is not exported but is
 * part of what is. `files` maps `index.d.ts` and the files beside it to their text.
 */
export function apiOf(files) {
  const modules = new Map([...files].map(([path, text]) => [path, readModule(text)]))
  const shown = new Set()
  const hidden = []

  const pathOf = (from, specifier) => {
    const path = posix.join(dirname(from), specifier).replace(/\.jsx?$/, '.d.ts')
    if (!modules.has(path)) throw new Error(`${from} imports ${specifier}, but there is no ${path}`)
    return path
  }

  /** Finds where a name that a file knows is declared: in a file of ours, or in another package. */
  const locate = (path, name) => {
    const { declarations, imports, exports } = modules.get(path)
    if (declarations.has(name)) return { path, name }
    const source = imports.get(name) ?? exports.find((item) => item.alias === name && item.from !== undefined)
    return source && follow(path, source)
  }
  const follow = (path, { name, from }) => {
    if (from === undefined) return locate(path, name)
    if (!from.startsWith('.')) return { from, name }
    return name === '*' ? undefined : locate(pathOf(path, from), name)
  }

  const show = ({ path, name }) => {
    shown.add(`${path} ${name}`)
    const texts = modules.get(path).declarations.get(name)
    for (const word of new Set(texts.join('\n').match(/[A-Za-z_$][\w$]*/g))) {
      const found = locate(path, word)
      if (found?.path !== undefined) hidden.push(found)
    }
    return texts.map((text) => text.replace(/^export\s+/, '').replace(/^declare\s+/, '')).join('\n')
  }

  const publicNames = new Map()
  const collect = (path) => {
    for (const { name, alias, from } of modules.get(path).exports) {
      if (name === '*' && alias === undefined && from.startsWith('.')) collect(pathOf(path, from))
      else if (name === '*') publicNames.set(alias ?? `* ${from}`, { from, name })
      else publicNames.set(alias, follow(path, { name, from }))
    }
  }
  collect('index.d.ts')

  const sections = [...publicNames]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([alias, found]) => {
      if (found === undefined) throw new Error(`${alias} is exported, but not declared`)
      if (found.from !== undefined) {
        if (found.name === '*')
          return `export *${alias.startsWith('*') ? '' : ` as ${alias}`} from '${found.from}'`
        return `export { ${found.name === alias ? alias : `${found.name} as ${alias}`} } from '${found.from}'`
      }
      return `${found.name === alias ? '' : `// as ${alias}\n`}export ${show(found)}`
    })

  const rest = []
  for (const found of hidden) {
    if (!shown.has(`${found.path} ${found.name}`)) rest.push({ name: found.name, text: show(found) })
  }
  if (rest.length > 0) {
    rest.sort((a, b) => (a.name < b.name ? -1 : 1))
    sections.push('// Not exported, but part of what is:', ...rest.map(({ text }) => text))
  }
  return sections.join('\n\n')
}

function declarationFiles(dist) {
  return new Map(
    readdirSync(dist, { recursive: true })
      .filter((file) => file.endsWith('.d.ts'))
      .map((file) => [file, readFileSync(join(dist, file), 'utf8')]),
  )
}

async function reportOf({ path, manifest }) {
  const api = apiOf(declarationFiles(join(root, path, 'dist')))
  const code = await format(api, { ...readJson('.prettierrc.json'), parser: 'typescript' })
  return `# The public API of ${manifest.name}\n\nWritten by \`npm run api\`; do not edit.\n\n\`\`\`ts\n${code}\`\`\`\n`
}

async function main(check) {
  if (!(await buildAll())) return 1
  let stale = 0
  for (const pkg of publicPackages().filter(hasModule)) {
    const file = join(root, pkg.path, 'api', `${pkg.folder}.api.md`)
    const fresh = await reportOf(pkg)
    const committed = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const same = fresh === committed
    if (!check && !same) {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, fresh)
    }
    process.stdout.write(
      `api ${pkg.manifest.name}: ${same ? 'as reported' : check ? 'CHANGED' : 'report written'}\n`,
    )
    if (check) record(`api ${pkg.folder}`, same ? 1 : 0, same ? 0 : 1)
    if (check && !same) {
      process.stdout.write(firstDifference(committed, fresh))
      stale += 1
    }
  }
  if (stale > 0) {
    process.stderr.write('The public API is not what its report says. If the change is meant: npm run api\n')
  }
  return stale > 0 ? 1 : 0
}

function firstDifference(committed, fresh) {
  const [before, after] = [committed.split('\n'), fresh.split('\n')]
  const line = after.findIndex((text, index) => text !== before[index])
  return `  line ${line + 1}\n  - ${before[line] ?? ''}\n  + ${after[line] ?? ''}\n`
}

if (isMain(import.meta.url)) process.exitCode = await main(process.argv.includes('--check'))
