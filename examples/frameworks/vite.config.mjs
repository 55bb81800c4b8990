import { fileURLToPath } from 'node:url'
import { defineConfig, mergeConfig } from 'vite'
import solid from './solid/vite.config.mjs'
import svelte from './svelte/vite.config.mjs'
import vue from './vue/vite.config.mjs'

const pages = ['index.html', 'vue/index.html', 'svelte/index.html', 'solid/index.html']

/** The server builds all pages with this, at once. Each folder's own configuration is all that its page needs. */
export default [vue, svelte, solid].reduce(
  (all, one) => mergeConfig(all, one),
  defineConfig({
    build: {
      rolldownOptions: { input: pages.map((page) => fileURLToPath(new URL(page, import.meta.url))) },
    },
  }),
)
