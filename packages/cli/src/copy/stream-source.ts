import { describeUrl, isBefore, start } from '@streamdb/log'
import { CliError } from '../cli-error.ts'
import type { Location } from '../options.ts'
import { readLog } from '../read-log.ts'
import { endOf } from '../request.ts'
import type { Terminal } from '../terminal.ts'
import type { SourcePosition } from './journal.ts'
import { txidOf } from './source.ts'
import type { CopiedItem, CopySource } from './source.ts'

/** Returns a stream as the source of a copy: every item of it, invalid ones too, without the offsets that its server stamps. */
export async function openStreamSource(location: Location, terminal: Terminal): Promise<CopySource> {
  return {
    start: { at: start, skip: 0 },
    end: await endOf(location, terminal.signal),
    read: (from) => readItems(location, terminal, from),
  }
}

async function* readItems(
  location: Location,
  terminal: Terminal,
  from: SourcePosition,
): AsyncGenerator<CopiedItem, void> {
  const checkpoint = from.at === start ? undefined : { offset: from.at, streamId: from.id }
  let position: SourcePosition = { ...from, skip: 0 }
  for await (const read of readLog(location, { from: checkpoint, terminal })) {
    switch (read.type) {
      case 'checkpoint':
        position = { at: read.checkpoint.offset, skip: 0, id: read.checkpoint.streamId }
        break
      case 'restart':
        throw new CliError(
          'source-changed',
          `${describeUrl(location.url)} was replaced while it was copied (${read.why})`,
          {
            remedy: 'Delete what was copied, and copy it again',
          },
        )
      case 'event':
      case 'invalid': {
        const item = read.type === 'event' ? read.event : read.issue.event
        position = { ...position, skip: position.skip + 1 }
        if (position.at === from.at && position.skip <= from.skip) break
        if (read.type === 'invalid' && read.issue.code === 'too-large' && item === undefined)
          throw tooLarge(location)
        yield { text: JSON.stringify(withoutStamp(item, position.at)), txid: txidOf(item), position }
      }
    }
  }
}

function tooLarge({ url }: Location): CliError {
  return new CliError('source-changed', `${describeUrl(url)} holds an item that is too large to be read`)
}

/** Returns an item without the offset that its server stamped on it: in another stream it would be a wrong one. */
function withoutStamp(item: unknown, from: string): unknown {
  if (typeof item !== 'object' || item === null || !('headers' in item)) return item
  const { headers } = item
  if (typeof headers !== 'object' || headers === null || !('offset' in headers)) return item
  const { offset, ...rest } = headers
  const isReset = 'control' in headers && headers.control === 'reset'
  if (isReset && typeof offset === 'string' && !isBefore(from, offset)) {
    throw new CliError(
      'reset-elsewhere',
      `A reset leads back to the offset ${offset}, which means nothing in a copy`,
      {
        remedy:
          'Compact the stream and copy its snapshot, or copy what lies behind the reset by tail and append',
      },
    )
  }
  return { ...item, headers: rest }
}
