import type { WriteTransport } from '@streamdb/log'
import { describe, expect, onTestFinished, test } from 'vitest'

/** A transport, and the log that it writes to. */
export interface TransportUnderTest {
  readonly transport: WriteTransport
  /** What is in the log. */
  readonly stored: () => Promise<readonly unknown[]> | readonly unknown[]
}

/** Makes a transport that ends with `signal`. */
export type CreateTransport = (signal: AbortSignal) => Promise<TransportUnderTest> | TransportUnderTest

/** Runs the laws of `WriteTransport` on an implementation. */
export function describeWriteTransport(name: string, create: CreateTransport): void {
  async function open(): Promise<TransportUnderTest & { readonly ending: AbortController }> {
    const ending = new AbortController()
    onTestFinished(() => ending.abort(new Error('the test is over')))
    return { ...(await create(ending.signal)), ending }
  }
  const write = (n: number) => ({ txid: `tx-${n}`, body: `${n},${n}` })

  describe(`WriteTransport: ${name}`, () => {
    test('[W1] a write is stored whole before it is done, and says where the log ends', async () => {
      const { transport, stored } = await open()
      const { offset } = await transport.append(write(1)).done
      expect(await stored()).toEqual([1, 1])
      expect(offset).toMatch(/./)
    })

    test('[W2] writes at once and after one another are stored once each, in their order', async () => {
      const { transport, stored } = await open()
      const numbers = Array.from({ length: 50 }, (_, n) => n)
      await Promise.all(numbers.map((n) => transport.append(write(n)).done))
      for (const n of [50, 51]) await transport.append(write(n)).done
      expect(await stored()).toEqual([...numbers, 50, 51].flatMap((n) => [n, n]))
    })

    test('a write that was not sent can be withdrawn; one that was cannot', async () => {
      const { transport, stored } = await open()
      const first = transport.append(write(1))
      const second = transport.append(write(2))
      expect(second.withdraw()).toBe(true)
      expect(second.withdraw()).toBe(false)
      await first.done
      expect(first.withdraw()).toBe(false)
      await transport.append(write(3)).done
      expect(await stored()).toEqual([1, 1, 3, 3])
    })

    test('a signal that aborts takes its write back, and leaves the others', async () => {
      const { transport, stored } = await open()
      const controller = new AbortController()
      const reason = new Error('no longer of interest')
      const first = transport.append(write(1), controller.signal)
      const second = transport.append(write(2))
      controller.abort(reason)
      await expect(first.done).rejects.toBe(reason)
      await second.done
      expect(await stored()).toEqual([2, 2])
      await expect(transport.append(write(3), controller.signal).done).rejects.toBe(reason)
    })

    test('seen() and retryNow() do no harm at any time', async () => {
      const { transport, stored } = await open()
      transport.retryNow()
      const handle = transport.append(write(1))
      transport.retryNow()
      await handle.done
      handle.seen()
      handle.seen()
      transport.retryNow()
      await transport.append(write(2)).done
      expect(await stored()).toEqual([1, 1, 2, 2])
    })
  })
}
