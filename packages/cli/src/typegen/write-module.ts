import { fieldLines, isInherited, quote, zodOf } from './zod-of.ts'
import type { RowType } from './row-types.ts'

/** What stands at the head of a module. */
export interface ModuleHead {
  /** Which stream it was guessed from. */
  readonly stream: string
  readonly events: string
  /** The package that has `createStateSchema`. */
  readonly from: string
}

/** Returns the text of a module with the schema of every type. Its schemas take every event that was gathered. */
export function writeModule(types: readonly RowType[], { stream, events, from }: ModuleHead): string {
  const names = new Set<string>()
  const named = types.map((rowType) => {
    const name = unused(words(rowType.type), names)
    return { rowType, name, collection: unused(plural(name), names), schema: `${name}Schema` }
  })
  const collections = named.filter(({ rowType }) => rowType.shape.objects > 0)
  // Values that are no objects have rows by `keyValue`.
  const bare = named.filter(({ rowType }) => rowType.shape.objects === 0)
  const noted = types.filter(({ others, shape }) => others > 0 && shape.objects > 0)
  return [
    `// Guessed by \`streamdb typegen\` from ${events} of ${stream}. Look it over: it says what was seen, not what may come.`,
    ...noted.map(
      ({ type, others }) =>
        `// ${others} of the type ${quote(type)} have values that are no objects, and are no rows.`,
    ),
    '',
    `import { createStateSchema${bare.length > 0 ? ', keyValue' : ''} } from ${quote(from)}`,
    `import { z } from 'zod'`,
    '',
    ...collections.flatMap(({ rowType, name, schema }) => [
      `const ${schema} = z.object({`,
      ...fieldLines(rowType.shape, '', new Map([keyField(rowType)])),
      '})',
      `export type ${capital(name)} = z.infer<typeof ${schema}>`,
      '',
    ]),
    ...bare.flatMap(({ rowType, name, schema }) => [
      `const ${schema} = ${zodOf(rowType.bareShape)}`,
      `export type ${capital(name)} = z.infer<typeof ${schema}>`,
      '',
    ]),
    'export const state = createStateSchema({',
    ...collections.map(({ rowType, collection, schema }) => {
      const [primaryKey] = keyField(rowType)
      return `  ${collection}: { schema: ${schema}, type: ${quote(rowType.type)}, primaryKey: ${quote(primaryKey)} },`
    }),
    ...bare.map(
      ({ rowType, collection, schema }) =>
        `  ${collection}: keyValue({ schema: ${schema}, type: ${quote(rowType.type)} }),`,
    ),
    '})',
    '',
  ].join('\n')
}

/** Returns the field that is the key, and its schema: one that is there, or a new one, which readers fill from the key. */
function keyField({ shape, keyFields }: RowType): [name: string, schema: string] {
  const usable = [...keyFields].filter(([name, { kind, count }]) => {
    // A number that is missing now and then would be filled by a text.
    return !isInherited(name, count < shape.objects) && (kind === 'string' || count === shape.objects)
  })
  const always = usable.filter(([, { count }]) => count === shape.objects)
  const [found] = [...byName(always), ...byName(usable)]
  if (found !== undefined) return [found[0], found[1].kind === 'string' ? 'z.string()' : 'z.number()']
  const free = ['id', 'key', '_key', '__key'].find((name) => !shape.fields.has(name))
  return [free ?? unusedField(shape.fields), 'z.string()']
}

function byName<Field>(fields: readonly (readonly [string, Field])[]): (readonly [string, Field])[] {
  const rank = (name: string): number => (name === 'id' ? 0 : name === 'key' ? 1 : /id$/i.test(name) ? 2 : 3)
  return [...fields].sort(([one], [other]) => rank(one) - rank(other))
}

function unusedField(fields: ReadonlyMap<string, unknown>): string {
  for (let index = 1; ; index++) if (!fields.has(`key${index}`)) return `key${index}`
}

/** `chat-message` -> `chatMessage`; what is no name in TypeScript becomes one. */
function words(type: string): string {
  const parts = type.match(/[A-Za-z0-9]+/g) ?? []
  const [first = 'row', ...rest] = parts
  const name = [first.charAt(0).toLowerCase() + first.slice(1), ...rest.map(capital)].join('')
  // Words of the language end like this one.
  return /^[a-z]/.test(name) ? name : `row${name}`
}

function plural(name: string): string {
  if (/(s|x|ch|sh)$/.test(name)) return name.endsWith('s') ? `${name}Rows` : `${name}es`
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`
}

function unused(name: string, names: Set<string>): string {
  let found = name
  for (let index = 2; names.has(found); index++) found = `${name}${index}`
  names.add(found)
  return found
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
