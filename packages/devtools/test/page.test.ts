// @vitest-environment node
import { expect, test } from 'vitest'
import { inspectorPage } from '../src/page/index.ts'

test('[V30] the page is one document, below any path; other requests are not its own', async () => {
  for (const path of [
    '/',
    '/inspector',
    '/tools/inspector/',
    '/a/index.html',
    '/?stream=/v1/stream/x&edit=1',
  ]) {
    const response = await inspectorPage(new Request(`http://localhost${path}`))
    expect(response?.status, path).toBe(200)
    expect(response?.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const html = (await response?.text()) ?? ''
    expect(html).toMatch(/^<!doctype html>/)
    // As it runs in production, also where a test builds it.
    expect(html).not.toContain('jsxDEV')
    // Nothing else is loaded.
    expect(html).not.toMatch(/<(script|link|img)[^>]*(src|href)="(?!data:)/)
    expect(response?.headers.get('content-security-policy')).toMatch(/script-src 'sha256-[\w+/]+=*'/)
  }
  const head = await inspectorPage(new Request('http://localhost/', { method: 'HEAD' }))
  expect([head?.status, await head?.text()]).toEqual([200, ''])
  for (const path of ['/v1/stream/x', '/favicon.ico', '/inspector.js', '/inspector/x']) {
    expect(await inspectorPage(new Request(`http://localhost${path}`)), path).toBeUndefined()
  }
  expect(await inspectorPage(new Request('http://localhost/', { method: 'POST' }))).toBeUndefined()
})
