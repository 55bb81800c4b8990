/**
 * Returns the id of a collection: it follows from the stream's URL and the collection's name, so that it is the same in
 * every run of an application. User names and passwords in the URL are left out, as ids are part of error messages.
 *
 * A second database that is open on the same URL at the same time has ids of its own, so that a query can join both.
 */
export function getStreamDBCollectionId(streamUrl: string, collectionName: string): string {
  return `stream-db:${withoutCredentials(streamUrl)}:${collectionName}`
}

/** The ids of one database's collections. */
export interface CollectionIds {
  of(name: string): string
  /**
   * Lets another database on the same URL have these ids; not in a page. A mounted query of TanStack's hooks refuses
   * another collection under an id that it has read before, be that one closed.
   */
  release(): void
}

// How the databases that are open on a URL are numbered.
const numbers = new Map<string, Set<number>>()

/** Claims ids that no other open database has. */
export function claimCollectionIds(streamUrl: string): CollectionIds {
  const taken = numbers.get(streamUrl) ?? new Set()
  numbers.set(streamUrl, taken)
  let number = 1
  while (taken.has(number)) number++
  taken.add(number)
  return {
    of: (name) => getStreamDBCollectionId(streamUrl, name) + (number === 1 ? '' : `#${number}`),
    release() {
      if (typeof window !== 'undefined') return
      taken.delete(number)
      if (taken.size === 0 && numbers.get(streamUrl) === taken) numbers.delete(streamUrl)
    },
  }
}

function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1')
}
