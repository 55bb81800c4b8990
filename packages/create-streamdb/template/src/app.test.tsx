import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { eventually, startTestServer } from '@streamdb/testing'
import { expect, onTestFinished, test } from 'vitest'
import { App } from './app.tsx'
import { state } from './state.ts'

test('what is added here is in the stream, and what is added elsewhere is here', async () => {
  const server = await startTestServer()
  onTestFinished(() => server.stop())
  onTestFinished(cleanup)
  const url = await server.create('todos')
  render(<App url={url} />)

  fireEvent.change(await screen.findByLabelText('What is to be done'), { target: { value: 'Buy milk' } })
  fireEvent.click(screen.getByText('Add'))
  await screen.findByText('Buy milk')
  await eventually(async () => expect(await (await fetch(`${url}?offset=-1`)).text()).toContain('Buy milk'))

  const value = { id: '2', text: 'Water the plants', done: false, addedAt: new Date().toISOString() }
  await server.append('todos', state.todos.insert({ value }))
  await screen.findByText('Water the plants')
})
