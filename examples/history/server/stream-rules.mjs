/**
 * Pages read logs. Only this server writes to them: they hold what git says.
 * @type {readonly import('@streamdb/example-shared/server').StreamRule[]}
 */
export const streamRules = [
  {
    ...{ folder: '/stream/', name: /^history-[\w-]{1,64}$/, methods: ['GET', 'HEAD'], contentTypes: [] },
    ...{ maxRequestBytes: 0, maxStreamBytes: 0, closable: false, isFile: false },
  },
]
