import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

export type { Page } from 'playwright-core'

/** Starts the Chromium that is installed, without what it does on its own; with its back-forward cache, where asked for. */
export function launchChromium({
  backForwardCache = false,
}: { backForwardCache?: boolean } = {}): Promise<Browser> {
  return chromium.launch({
    ...(backForwardCache && { ignoreDefaultArgs: ['--disable-back-forward-cache'] }),
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      ...[
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-sync',
      ],
      ...['--disable-background-networking', '--disable-component-update'],
    ],
  })
}
