// A service worker: the page is opened without a network. What it shows then is in its own store.

/** What is used of a service worker: its types and those of a page exclude each other. */
interface Worker {
  addEventListener(type: 'install', run: (event: WorkerEvent) => void): void
  addEventListener(type: 'fetch', run: (event: RequestEvent) => void): void
}

interface WorkerEvent {
  waitUntil(work: Promise<unknown>): void
}

interface RequestEvent extends WorkerEvent {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}

const worker = self as unknown as Worker // this file runs as one
const kept = 'streamdb-agents-page'
/** The page, and what the server says of itself. */
const changing = ['/', '/agents.json']

worker.addEventListener('install', (event) => event.waitUntil(keepAll()))

worker.addEventListener('fetch', (event) => {
  const { method, url } = event.request
  const { origin, pathname } = new URL(url)
  if (method !== 'GET' || origin !== location.origin) return
  if (changing.includes(pathname)) event.respondWith(fromNetwork(event, pathname))
  else if (pathname.startsWith('/assets/')) event.respondWith(fromCache(event, pathname))
})

/** The page that is open was loaded before there was a service worker. */
async function keepAll(): Promise<void> {
  const page = await (await fetch('/')).text()
  const assets = [...page.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path = '']) => path)
  await (await caches.open(kept)).addAll([...changing, ...assets])
}

/** What may be another one now: as it was before, where nobody answers. */
async function fromNetwork(event: RequestEvent, path: string): Promise<Response> {
  const cache = await caches.open(kept)
  try {
    const answer = await fetch(event.request)
    if (answer.ok) event.waitUntil(cache.put(path, answer.clone()))
    return answer
  } catch (error) {
    const before = await cache.match(path)
    if (before === undefined) throw error
    return before
  }
}

/** The name of an asset contains a hash of its content. */
async function fromCache(event: RequestEvent, path: string): Promise<Response> {
  const cache = await caches.open(kept)
  const before = await cache.match(path)
  if (before !== undefined) return before
  const answer = await fetch(event.request)
  if (answer.ok) event.waitUntil(cache.put(path, answer.clone()))
  return answer
}
