import type { TabRunner } from './tab-runner.ts'

interface LockRequest {
  readonly tab: TabRunner
  readonly hold: () => Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

interface WorldLock {
  holder: LockRequest | undefined
  readonly waiting: Set<LockRequest>
}

/** The locks of all tabs of a world, as Web Locks have them. */
export class WorldLocks {
  readonly #locks = new Map<string, WorldLock>()

  request(
    tab: TabRunner,
    name: string,
    { signal, steal }: { readonly signal?: AbortSignal | undefined; readonly steal?: boolean | undefined },
    hold: () => Promise<void>,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const lock = this.#lockOf(name)
      const request: LockRequest = { tab, hold, resolve, reject }
      if (signal?.aborted === true) return reject(abortError())
      signal?.addEventListener('abort', () => {
        if (lock.waiting.delete(request)) reject(abortError())
      })
      if (steal === true) {
        const { holder } = lock
        this.#grant(lock, request)
        // It hears of it when it runs.
        holder?.tab.run(() => holder.reject(abortError()))
        return
      }
      lock.waiting.add(request)
      this.#next(lock)
    })
  }

  /** Takes everything from a tab that died. */
  removeAll(tab: TabRunner): void {
    for (const lock of this.#locks.values()) {
      for (const request of [...lock.waiting]) if (request.tab === tab) lock.waiting.delete(request)
      if (lock.holder?.tab !== tab) continue
      lock.holder = undefined
      this.#next(lock)
    }
  }

  #lockOf(name: string): WorldLock {
    let lock = this.#locks.get(name)
    if (lock === undefined) this.#locks.set(name, (lock = { holder: undefined, waiting: new Set() }))
    return lock
  }

  #next(lock: WorldLock): void {
    if (lock.holder !== undefined) return
    for (const request of lock.waiting) {
      lock.waiting.delete(request)
      return this.#grant(lock, request)
    }
  }

  #grant(lock: WorldLock, request: LockRequest): void {
    lock.holder = request
    const release = (): void => {
      if (lock.holder !== request) return
      lock.holder = undefined
      this.#next(lock)
    }
    request.tab.run(() => {
      // Stolen before it was told.
      if (lock.holder !== request) return
      void request.hold().then(() => {
        release()
        request.resolve()
      })
    })
  }
}

function abortError(): DOMException {
  return new DOMException('The request was aborted', 'AbortError')
}
