/** @typedef {import('./index.mjs').Workload} Workload */

/** As an agent writes them at 100 tokens a second: two an append. */
const answers = { answers: 500, tokens: 200, perDelta: 2 }
const quickAnswers = { answers: 5, tokens: 20, perDelta: 2 }

/** What Durable Sessions cost. @type {Workload[]} */
export const sessionWorkloads = [
  {
    name: 'session-stream',
    runs: 2,
    title:
      'session: 10,000 tokens at 500/s in a thread of 1,000, written and shown; without: plain text, no database',
    run: 'sessionStream',
    server: 'stream',
    params: { thread: 1000, count: 10_000, rate: 500 },
    quick: { params: { thread: 20, count: 100, rate: 500 } },
    figures: [
      { name: 'cpu', unit: 's', without: 2 },
      { name: 'block', unit: 'ms' },
      { name: 'log, until swept', unit: 'x its text', most: 7 },
      { name: 'snapshot, swept', unit: 'x its text', most: 1.3 },
      { name: 'other renders', unit: 'messages', most: 0 },
    ],
    subjects: ['ours', 'without'],
  },
  {
    name: 'session-open',
    title:
      'session: opening 500 answers, all of them, from a snapshot; without: from its log, with all deltas',
    run: 'sessionOpen',
    prepare: 'sessionFill',
    server: 'stream',
    params: answers,
    quick: { params: quickAnswers },
    figures: [
      { name: 'cpu', unit: 's', without: 0.3 },
      { name: 'cpu, again', unit: 's', without: 0.3 },
      { name: 'bytes', unit: 'MB', without: 0.3 },
      { name: 'wall', unit: 's' },
    ],
    subjects: ['ours', 'without'],
  },
  {
    name: 'session-open-last',
    title:
      'session: opening 500 answers at the last 50, from a snapshot; without: from its log, with all deltas',
    run: 'sessionOpen',
    prepare: 'sessionFill',
    server: 'stream',
    params: { ...answers, last: 50 },
    quick: { params: quickAnswers },
    figures: [
      { name: 'cpu', unit: 's', without: 0.1 },
      { name: 'cpu, again', unit: 's', without: 0.1 },
      { name: 'bytes', unit: 'MB', without: 0.1 },
      { name: 'wall', unit: 's' },
    ],
    subjects: ['ours', 'without'],
  },
  {
    name: 'session-open-one',
    title: 'session: opening one answer, from a snapshot: what any opening costs',
    run: 'sessionOpen',
    prepare: 'sessionFill',
    server: 'stream',
    params: { ...answers, answers: 1 },
    quick: { params: { ...quickAnswers, answers: 1 } },
    figures: [
      { name: 'cpu', unit: 's' },
      { name: 'cpu, again', unit: 's' },
      { name: 'wall', unit: 's' },
    ],
    subjects: ['ours'],
  },
  {
    name: 'session-memory',
    title: 'session: 10,000 messages, shown; without: their rows as plain objects',
    run: 'sessionMemory',
    prepare: 'sessionMessages',
    server: 'stream',
    params: { messages: 10_000 },
    quick: { params: { messages: 20 } },
    figures: [{ name: 'heap', unit: 'MB' }],
    subjects: ['ours', 'without'],
  },
]
