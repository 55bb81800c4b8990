import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// With the page's own Host header: the server compares it with the Origin.
const server = { target: 'http://127.0.0.1:4690', changeOrigin: false }

/** The server builds the page with this. To work on the page, run the server and `vite` beside it. */
export default defineConfig({
  plugins: [react()],
  server: { proxy: { '/stream': server, '/sign-in': server, '/chat.json': server } },
})
