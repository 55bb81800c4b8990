import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import './app.css'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element with the id "root"')

const url = new URL('/streams/todos', location.href).href
createRoot(root).render(
  <StrictMode>
    <App url={url} />
  </StrictMode>,
)
