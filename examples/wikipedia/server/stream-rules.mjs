/**
 * Pages read the streams and their snapshots, and write neither. The reader reaches them past these rules.
 * @type {readonly import('@streamdb/example-shared/server').StreamRule[]}
 */
export const streamRules = [
  {
    ...{
      folder: '/stream/',
      name: /^changes-[\w-]{1,64}(?:\.snapshots[\w.-]{0,128})?$/,
      methods: ['GET', 'HEAD'],
    },
    ...{ contentTypes: [], maxRequestBytes: 0, maxStreamBytes: 0, closable: false, isFile: false },
  },
]
