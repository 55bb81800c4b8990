import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The server builds the page with this. To work on the page, run the server and `vite` beside it. */
export default defineConfig({
  plugins: [react()],
  server: { proxy: { '/stream': 'http://127.0.0.1:4680', '/history.json': 'http://127.0.0.1:4680' } },
})
