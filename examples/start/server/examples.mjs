/**
 * An example: its folder, and what the page says about it.
 * @typedef {object} Listed
 * @property {string} id
 * @property {string} title
 * @property {string} about
 * @property {readonly string[]} shows
 */

/** @type {readonly Listed[]} */
export const examples = [
  {
    id: 'chat',
    title: 'Chat',
    about: 'Rooms as streams. Open a second window as somebody else, cut it off, write, and reconnect.',
    shows: ['optimistic writes', 'offline', 'undo', 'pictures'],
  },
  {
    id: 'agents',
    title: 'Agents',
    about: 'People and AI agents in one conversation, with tools, approvals, branches and shared notes.',
    shows: ['Durable Sessions', 'takeover after a kill', 'Yjs'],
  },
  {
    id: 'history',
    title: 'History',
    about: 'The history of a git repository as a live, joined, searchable page.',
    shows: ['joins', 'aggregates', 'a long log'],
  },
  {
    id: 'jobs',
    title: 'Jobs',
    about: 'Background jobs in a pool of processes: progress, logs, cancel, retry. Kill a worker, and watch.',
    shows: ['many writers', 'statistics by live queries', 'leases'],
  },
  {
    id: 'frameworks',
    title: 'Frameworks',
    about: 'One shared list in Vue, Svelte and Solid: open two of them side by side.',
    shows: ["TanStack's adapters", 'optimistic actions', 'Readables'],
  },
  {
    id: 'wikipedia',
    title: 'Wikipedia now',
    about: 'Recent changes of all wikis, hundreds a second, filtered and ranked. Without Internet, a replay.',
    shows: ['high rates', 'a stream of bounded size', 'resumed sources'],
  },
]
