import type { Entry } from './archive.ts'
import type { Request } from './request.ts'

/** What Scout thinks before it answers. */
export function thinking({ text, attachments }: Request): string {
  const files = attachments.length > 0 ? ' Something is attached; I look at it as well.' : ''
  return `The question is “${text}”. I look in the archive first, take the three entries that fit best, and say what each of them has to do with it.${files}`
}

const openings = [
  (first: string) => `The archive has something about that. The place to begin is **${first}**.`,
  (first: string) => `Another way to tell it begins with **${first}**, and goes on from there.`,
  (first: string) => `Seen from the object itself: **${first}** is where it starts.`,
]

export function opening({ take }: Request, hits: readonly Entry[]): string {
  return (openings[take % openings.length] ?? String)(hits[0]?.title ?? 'the catalogue')
}

/** A paragraph an entry. */
export function paragraphs(hits: readonly Entry[]): readonly string[] {
  return hits.map(({ title, place, year, facts }) =>
    [`### ${title}, ${place} ${year}`, '', ...facts.map((fact) => `- ${fact}`)].join('\n'),
  )
}

export function table(hits: readonly Entry[]): string {
  const rows = hits.map(({ id, title, year, place }) => `| \`${id}\` | ${title} | ${year} | ${place} |`)
  return ['| Entry | Object | Year | Place |', '| --- | --- | --: | --- |', ...rows].join('\n')
}

export function closing(hits: readonly Entry[]): string {
  const [first] = hits
  return first === undefined ? 'There is nothing about it.' : (first.facts[1] ?? first.facts[0] ?? '')
}

/** What can be said of a file: of a text its beginning, of a picture its kind and size. */
export function describeFile(mediaType: string, bytes: Uint8Array): { readonly found: string } {
  if (mediaType !== 'text/plain') return { found: `${mediaType}, ${bytes.length} bytes` }
  const [line = ''] = new TextDecoder().decode(bytes.subarray(0, 400)).split('\n')
  return { found: `A text of ${bytes.length} bytes that begins “${line.slice(0, 80)}”` }
}

/** The loop of Note G, for those who ask for a program. */
export const program: string = [
  '```js',
  '// Operations 13 to 23, with the cards turned back for each of the numbers that are known already.',
  'for (let k = 1; k < n; k++) {',
  '  factor *= ((2 * n - 2 * k + 2) / (2 * k + 1)) * ((2 * n - 2 * k + 1) / (2 * k + 2)) // V11, by V2, V3, V4 and V5',
  '  sum += bernoulli[k] * factor',
  '}',
  '```',
].join('\n')
