import type { StreamDBErrorCode } from '@streamdb/log'

/** What to do about errors of reading and writing, on a command line. */
export const remedies: Partial<Record<StreamDBErrorCode, string>> = {
  'invalid-options': 'Give the whole address of the stream, such as http://127.0.0.1:4437/rooms/1',
  unreachable:
    'Check the address and the network; `streamdb dev` starts a server here, and `streamdb doctor URL` looks closer',
  'stream-not-found': 'Check the path; `streamdb create URL` makes a stream',
  unauthorized:
    'Pass what the server asks for: --header "Authorization: Bearer TOKEN", or the variable STREAMDB_TOKEN',
  'stream-ended': 'A closed stream takes no more events: write to another one (`streamdb copy` copies it)',
  'offset-invalid': '`streamdb tail STREAM --no-follow` shows the offsets',
  'offset-beyond-end': '`streamdb tail STREAM --no-follow` shows the offsets',
  'time-unknown': 'Use offsets; or write events with the header "timestamp", an RFC 3339 time',
  'stream-failed': '`streamdb doctor URL` says what the address answers with',
  'redirect-refused':
    'Give the address that it is redirected to, where you trust it; `streamdb doctor URL` looks closer',
  'write-unknown': 'Run the same command again: with the same --txid and events it is stored once',
  'write-failed': '`streamdb doctor URL` says whether this is a stream of JSON that can be written',
}
