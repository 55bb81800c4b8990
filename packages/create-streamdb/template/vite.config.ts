import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// `npm run dev` starts a stream server, and says here where it listens.
const proxy = { '/streams': process.env['STREAMDB_SERVER'] ?? 'http://127.0.0.1:4437' }

export default defineConfig({
  plugins: [react()],
  // The page finds the streams at its own address, as it would behind a proxy in production.
  server: { proxy },
  preview: { proxy },
  test: { environment: 'jsdom' },
})
