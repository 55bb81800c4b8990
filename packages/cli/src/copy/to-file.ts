import { open, rename, stat } from 'node:fs/promises'
import { CliError } from '../cli-error.ts'
import type { Terminal } from '../terminal.ts'
import type { CopySource } from './source.ts'
import type { CopyTask } from './to-stream.ts'

/** How much is written before it is written down. */
const flushCharacters = 1024 * 1024

/**
 * Copies into a file of NDJSON: into `FILE.partial` first, which a later run continues behind its last good byte. Throws
 * `file` where the file exists, unless `mayOverwrite`.
 */
export async function copyToFile(task: CopyTask, path: string, mayOverwrite: boolean): Promise<number> {
  const { source, journal, names, progress, terminal } = task
  if (!mayOverwrite && (await exists(path))) {
    throw new CliError('file', `The file ${path} exists`, {
      remedy: 'Choose another one, or pass --overwrite',
    })
  }
  const partial = `${path}.partial`
  const known = await journal?.load(names.source, names.target)
  const file = await open(partial, known === undefined ? 'w' : 'r+').catch((cause: unknown) => {
    throw new CliError('file', `The file ${partial} cannot be written: ${String(cause)}`, { cause })
  })
  let position = known?.position ?? source.start
  let copied = known?.copied ?? 0
  let bytes = known?.bytes ?? 0
  let lines = ''
  const flush = async (): Promise<void> => {
    const buffer = Buffer.from(lines)
    lines = ''
    await file.write(buffer, 0, buffer.length, bytes)
    await file.sync()
    bytes += buffer.length
    await journal?.save({ ...names, position, copied, bytes })
    progress.update(position.at, copied)
  }
  try {
    await file.truncate(bytes)
    for await (const item of source.read(position)) {
      lines += `${item.text}\n`
      position = item.position
      copied++
      if (copied % 500 === 0) progress.update(position.at, copied)
      if (lines.length >= flushCharacters) await flush()
    }
    await flush()
  } catch (error) {
    // Whole items alone were gathered: they are good.
    await flush().catch(() => undefined)
    throw error
  } finally {
    await file.close()
  }
  terminal.signal.throwIfAborted()
  await rename(partial, path)
  await journal?.remove()
  return copied
}

/** Copies to the standard output. */
export async function copyToOutput(source: CopySource, terminal: Terminal): Promise<number> {
  let copied = 0
  for await (const { text } of source.read(source.start)) {
    await terminal.print(text)
    copied++
  }
  return copied
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
