import { createRoot } from 'react-dom/client'
import { styleSheet } from '../styles/style-sheet.ts'
import { PageApp } from './page-app.tsx'

document.adoptedStyleSheets = [styleSheet()]
const container = document.createElement('div')
container.className = 'whole'
document.body.append(container)
createRoot(container).render(<PageApp />)
