/**
 * Pages read the stream and append to it: jobs and requests. They read its snapshots, and write none: who may write them can
 * show any rows. Workers and the keeper reach the stream past these rules.
 * @type {readonly import('@streamdb/example-shared/server').StreamRule[]}
 */
export const streamRules = [
  {
    ...{ folder: '/stream/', name: /^jobs-[\w-]{1,64}$/, methods: ['GET', 'HEAD', 'POST'] },
    ...{ contentTypes: ['application/json'], maxRequestBytes: 300 * 1024, maxStreamBytes: 256 * 1024 * 1024 },
    ...{ closable: false, isFile: false },
  },
  {
    ...{ folder: '/stream/', name: /^jobs-[\w-]{1,64}\.snapshots[\w.-]{0,128}$/, methods: ['GET', 'HEAD'] },
    ...{ contentTypes: [], maxRequestBytes: 0, maxStreamBytes: 0, closable: false, isFile: false },
  },
]
