import { DurableStreamTestServer } from '@durable-streams/server'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { App } from './app.tsx'

const server = new DurableStreamTestServer({ port: 0 })

afterEach(async () => {
  cleanup()
  await server.stop()
})

test('what one person adds, another one sees', async () => {
  const url = `${await server.start()}/streams/todos`
  const mine = render(<App url={url} />)
  await screen.findByText(/^Live/)

  fireEvent.change(screen.getByLabelText('What is to be done'), { target: { value: 'Buy milk' } })
  fireEvent.click(screen.getByText('Add'))
  await mine.findByText('Buy milk')
  await expect.poll(async () => (await fetch(`${url}?offset=-1`)).text()).toContain('Buy milk')
})
