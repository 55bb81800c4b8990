import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

// With the page's own Host header: the server compares it with the Origin.
const server = { target: 'http://127.0.0.1:4640', changeOrigin: false }

/** To work on the page: `npm start` in the folder above, and `npm run dev` here beside it. */
export default defineConfig({
  plugins: [vue()],
  server: { proxy: { '/stream': server } },
})
