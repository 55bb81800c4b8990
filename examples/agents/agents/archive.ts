/** What the archive has of an object. */
export interface Entry {
  readonly id: string
  readonly title: string
  readonly year: number
  readonly place: string
  /** What is known, a sentence each. */
  readonly facts: readonly string[]
  readonly source: string
}

/** The archive that Scout looks things up in. */
export const archive: readonly Entry[] = [
  {
    id: 'A-1804',
    title: 'The Jacquard loom',
    year: 1804,
    place: 'Lyon',
    facts: [
      'A chain of punched cards, one card a row of the weave, lifts the hooks that carry the warp threads.',
      'A pattern is no longer in the hands of the weaver but in the cards: whoever has the cards has the cloth.',
      'The portrait of Jacquard that was woven in silk in 1839 took 24,000 cards.',
    ],
    source: 'https://en.wikipedia.org/wiki/Jacquard_machine',
  },
  {
    id: 'A-1837',
    title: 'The Analytical Engine',
    year: 1837,
    place: 'London',
    facts: [
      'Babbage took the cards of the loom for two things at once: one chain for operations, another for variables.',
      'It keeps numbers in a store and works on them in a mill, which is the division that computers still have.',
      'Of the whole only a part of the mill was ever built, and that by his son.',
    ],
    source: 'https://en.wikipedia.org/wiki/Analytical_engine',
  },
  {
    id: 'A-1843',
    title: 'Note G',
    year: 1843,
    place: 'London',
    facts: [
      'Ada Lovelace’s table sets out, operation by operation, how the engine would compute the Bernoulli numbers.',
      'It contains a loop: the operations 13 to 23 are to be repeated, with the cards turned back.',
      'It is the longest of seven notes, which together are three times the length of the article that they are notes to.',
    ],
    source: 'https://en.wikipedia.org/wiki/Note_G',
  },
  {
    id: 'A-1890',
    title: 'The Hollerith tabulator',
    year: 1890,
    place: 'Washington',
    facts: [
      'Pins fall through the holes of a card into cups of mercury, close a circuit, and move a dial by one.',
      'It counted the census of sixty-two million people, and was done in months where the one before had taken years.',
      'A card carried facts now, and no longer instructions.',
    ],
    source: 'https://en.wikipedia.org/wiki/Tabulating_machine',
  },
  {
    id: 'A-1949',
    title: 'EDSAC',
    year: 1949,
    place: 'Cambridge',
    facts: [
      'It read its programs from punched tape, and kept them in tanks of mercury as trains of sound.',
      'Its library of subroutines, on tapes in a steel cabinet, is where programmers began to share code.',
      'Its first program printed the squares of the numbers from 0 to 99.',
    ],
    source: 'https://en.wikipedia.org/wiki/EDSAC',
  },
]

/** Returns the entries that a question is about, the best first; all of them, in the order of time, where it names none. */
export function searchArchive(question: string): readonly Entry[] {
  const words = question.toLowerCase().match(/[\p{L}\d]{3,}/gu) ?? []
  const scored = archive.map((entry) => ({ entry, score: scoreOf(entry, words) }))
  const found = scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score)
  return found.length === 0 ? archive : found.map(({ entry }) => entry)
}

function scoreOf({ title, facts, place, year }: Entry, words: readonly string[]): number {
  const heading = `${title} ${place} ${year}`.toLowerCase()
  const text = facts.join(' ').toLowerCase()
  return words
    .filter((word) => !common.has(word))
    .reduce((sum, word) => sum + (heading.includes(word) ? 4 : 0) + (text.includes(word) ? 1 : 0), 0)
}

/** Words that say nothing of what is looked for. */
const common = new Set(
  'the and for what who was did that this with about know have has order scan please tell how its are were from you can write caption which'.split(
    ' ',
  ),
)
