/** Resolves when the rows of a database's store are visible. */
export const restored = (db) =>
  new Promise((resolve) => {
    const look = (status) => status.name === 'catching-up' && status.from === 'storage' && resolve(undefined)
    db.subscribeStatus(look)
  })
