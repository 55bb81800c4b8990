// The pages of the site, in the order of its sidebar: which document of the repository each one is.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { titleAndSummary } from './title.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * @typedef {object} Section
 * @property {string} text The heading in the sidebar.
 * @property {Record<string, string>} pages The address of each page, without a slash in front, and its document.
 */

/** @type {readonly Section[]} */
export const sections = [
  {
    text: 'Start',
    pages: {
      'getting-started': 'docs/getting-started.md',
      concepts: 'docs/concepts.md',
      'when-not-to-use-it': 'docs/when-not-to-use-it.md',
      'moving-here': 'docs/moving-here.md',
    },
  },
  {
    text: 'Using it',
    pages: {
      schema: 'docs/schema.md',
      'key-value': 'docs/key-value.md',
      queries: 'docs/queries.md',
      writing: 'docs/writing.md',
      errors: 'docs/errors.md',
      'server-rendering': 'docs/server-rendering.md',
      frameworks: 'docs/frameworks.md',
      testing: 'docs/testing.md',
      history: 'docs/history.md',
    },
  },
  {
    text: 'Starts instantly',
    pages: {
      storage: 'docs/storage.md',
      offline: 'docs/offline.md',
      tabs: 'docs/tabs.md',
      snapshots: 'docs/snapshots.md',
      'last-first': 'docs/last-first.md',
      'on-demand': 'docs/on-demand.md',
      'schema-upgrades': 'docs/schema-upgrades.md',
    },
  },
  { text: 'Sessions', pages: { sessions: 'docs/sessions.md' } },
  {
    text: 'Tools',
    pages: { cli: 'docs/cli.md', devtools: 'docs/devtools.md', opentelemetry: 'docs/opentelemetry.md' },
  },
  {
    text: 'Running it',
    pages: {
      servers: 'docs/servers.md',
      deploy: 'docs/deploy.md',
      gateway: 'docs/gateway.md',
      proxies: 'docs/proxies.md',
      'server-actions': 'docs/server-actions.md',
      security: 'docs/security.md',
      'hostile-input': 'docs/hostile-input.md',
      performance: 'docs/performance.md',
      soak: 'docs/soak.md',
      chaos: 'docs/chaos.md',
      fanout: 'docs/fanout.md',
      'benchmarks/node-20': 'docs/benchmarks-node-20.md',
      'benchmarks/node-24': 'docs/benchmarks-node-24.md',
      'benchmarks/chromium': 'docs/benchmarks-chromium.md',
      'benchmarks/bundle-sizes': 'docs/bundle-sizes.md',
    },
  },
  {
    text: 'Packages',
    pages: {
      'packages/state': 'packages/state/README.md',
      'packages/log': 'packages/log/README.md',
      'packages/db': 'packages/db/README.md',
      'packages/react': 'packages/react/README.md',
      'packages/persist': 'packages/persist/README.md',
      'packages/server': 'packages/server/README.md',
      'packages/session': 'packages/session/README.md',
      'packages/testing': 'packages/testing/README.md',
      'packages/devtools': 'packages/devtools/README.md',
      'packages/cli': 'packages/cli/README.md',
      'packages/create-streamdb': 'packages/create-streamdb/README.md',
    },
  },
  {
    text: 'How it works',
    pages: {
      specification: 'SPEC.md',
      architecture: 'docs/architecture.md',
      decisions: 'docs/decisions/README.md',
      style: 'docs/style.md',
    },
  },
]

/** Lists pages for the sidebar, by their titles. */
export function sidebarItems(pages) {
  return Object.entries(pages).map(([page, document]) => ({
    text: titleAndSummary(readFileSync(join(root, document), 'utf8')).title,
    link: `/${page}`,
  }))
}
