import { Refusal } from './refusal.ts'

/** What a stream server tells a repeated request by. */
export interface ProducerHeaders {
  readonly id: string
  readonly epoch: number
  readonly seq: number
}

const longest = 256

/** Returns the producer headers of a request; nothing where it has none. Throws a refusal where they make no sense. */
export function parseProducer(headers: Headers): ProducerHeaders | undefined {
  const id = headers.get('producer-id')
  const epoch = headers.get('producer-epoch')
  const seq = headers.get('producer-seq')
  if (id === null && epoch === null && seq === null) return undefined
  if (id === null || epoch === null || seq === null) throw invalid('expected all of them, or none')
  if (id === '' || id.length > longest) throw invalid(`expected an id of 1 to ${longest} characters`)
  return { id, epoch: toCount(epoch), seq: toCount(seq) }
}

/** Returns the headers that go upstream: a principal cannot use another one's producer, neither to replay nor to fence it. */
export function producerHeaders(
  { id, epoch, seq }: ProducerHeaders,
  principal: string,
): Record<string, string> {
  return {
    'Producer-Id': `${encodeURIComponent(principal)}/${encodeURIComponent(id)}`,
    'Producer-Epoch': String(epoch),
    'Producer-Seq': String(seq),
  }
}

function toCount(text: string): number {
  const count = /^\d{1,16}$/.test(text) ? Number(text) : NaN
  if (!Number.isSafeInteger(count)) throw invalid('expected whole numbers from 0 as epoch and sequence')
  return count
}

function invalid(what: string): Refusal {
  const names = 'Producer-Id, Producer-Epoch and Producer-Seq'
  return new Refusal({
    status: 400,
    code: 'invalid-producer',
    message: `Invalid producer headers (${names}): ${what}.`,
  })
}
