import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// With the page's own Host header: the server compares it with the Origin.
const server = { target: 'http://127.0.0.1:4670', changeOrigin: false }

/** The service worker has its own name for ever: a browser asks for it again under that. */
const entryFileNames = (/** @type {{ readonly name: string }} */ { name }) =>
  name === 'offline-page' ? '[name].js' : 'assets/[name]-[hash].js'

/** The server builds the page with this. To work on the page, run the server and `vite` beside it. */
export default defineConfig({
  plugins: [react()],
  build: {
    rolldownOptions: { input: ['index.html', 'src/offline-page.ts'], output: { entryFileNames } },
  },
  server: {
    proxy: {
      '/stream': server,
      '/v1/yjs': server,
      '/sign-in': server,
      '/agents': server,
      '/agents.json': server,
    },
  },
})
