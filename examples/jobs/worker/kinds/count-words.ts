import type { JobContext, JobOutcome } from '../job-context.ts'
import { walk } from '../walk.ts'
import { readFile } from './hash-tree.ts'

/** Words of source text: letters, digits and underscores, not beginning with a digit. */
const word = /[\p{L}_][\p{L}\p{N}_]*/gu
/** A longer file is data. */
const maxBytes = 4 * 1024 * 1024

/** Counts lines and words over the text files of a tree, and the most frequent words. */
export async function countWords(context: JobContext): Promise<JobOutcome> {
  const { job, path, signal, report, log } = context
  const all = await walk(path, job.everything === true, signal)
  const files = all.filter(({ bytes }) => bytes <= maxBytes)
  log('info', `${files.length} files`)
  if (all.length > files.length)
    log('warning', `${all.length - files.length} files of more than 4 MiB are left out`)
  const times = new Map<string, number>()
  let counted = 0
  let lines = 0
  let words = 0
  let binary = 0
  for (const [index, file] of files.entries()) {
    const chunks: Buffer[] = []
    for await (const chunk of await readFile(file.path, signal)) chunks.push(chunk)
    const content = Buffer.concat(chunks)
    if (content.includes(0)) binary++
    else {
      const text = content.toString('utf8')
      counted++
      lines += text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
      for (const [found] of text.matchAll(word)) {
        words++
        times.set(found, (times.get(found) ?? 0) + 1)
      }
    }
    report({ done: index + 1, total: files.length, unit: 'files', note: file.name })
    await context.pause()
  }
  if (binary > 0) log('info', `${binary} files are not text`)
  const top = [...times].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, 20)
  const distinct = times.size
  return {
    result: {
      ...{ kind: 'words', files: counted, lines, words, distinct },
      top: top.map(([each, count]) => ({ word: each, times: count })),
    },
  }
}
