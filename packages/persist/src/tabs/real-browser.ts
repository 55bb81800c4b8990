import type { TabBrowser, TabChannel, TabClock, TabLocks, TabPage, TabPageListener } from './browser.ts'

/** Returns the browser that this code runs in. Without a page, as in Node, it has neither locks nor a channel. */
export function realBrowser(): TabBrowser {
  const { navigator, BroadcastChannel, document, isSecureContext } = globalThis as Partial<typeof globalThis>
  // Node has both by now, and processes share neither: tabs are pages of a browser.
  const isBrowser = document !== undefined
  const locks = isBrowser && isSecureContext !== false ? navigator?.locks : undefined
  return {
    locks: locks && lockTabs(locks),
    openChannel: isBrowser && BroadcastChannel !== undefined ? openChannel : undefined,
    page,
    clock: realClock,
  }
}

export const realClock: TabClock = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

function lockTabs(locks: LockManager): TabLocks {
  return {
    async request(name, { signal, steal }, hold) {
      await locks.request(name, { ...(signal && { signal }), ...(steal && { steal }) }, hold)
    },
  }
}

function openChannel(name: string): TabChannel {
  const channel = new BroadcastChannel(name)
  return {
    post: (message) => channel.postMessage(message),
    listen(onMessage) {
      channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => onMessage(data))
    },
    close: () => channel.close(),
  }
}

const page: TabPage = {
  get isVisible() {
    return globalThis.document.visibilityState === 'visible'
  },
  observe(listener: TabPageListener) {
    const { document } = globalThis
    const onShow = (): void => listener.onShow()
    const onHide = (): void => listener.onHide()
    const onWake = (): void => {
      if (document.visibilityState === 'visible') listener.onWake()
    }
    addEventListener('pagehide', onHide)
    addEventListener('pageshow', onShow)
    document.addEventListener('visibilitychange', onWake)
    document.addEventListener('resume', onWake)
    return () => {
      removeEventListener('pagehide', onHide)
      removeEventListener('pageshow', onShow)
      document.removeEventListener('visibilitychange', onWake)
      document.removeEventListener('resume', onWake)
    }
  },
}
