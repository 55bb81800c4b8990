import { renderToString } from 'react-dom/server'
import { App } from './app.jsx'

test('the app renders', () => {
  expect(renderToString(<App />)).toContain('users')
})
