import { openBrowser } from '@streamdb/example-shared/testing'
import { eventually } from '@streamdb/testkit'
import type { Locator } from 'playwright-core'
import { expect, test } from 'vitest'
import { AgentsPage, expectedErrors } from './agents-page.ts'
import { AgentsServer, createSession } from './agents-server.ts'
import { openRoom, roomsOfFile } from './rooms.ts'

// Mostly they wait for words to stream: all of them at the same time, each in a session of its own.
const rooms = roomsOfFile()

/** Resolves with the value of a text box, once it fits. */
async function valueOf(box: Locator, pattern: RegExp): Promise<string> {
  await eventually(async () => expect(await box.inputValue()).toMatch(pattern), { timeout: 60_000 })
  return box.inputValue()
}

test.concurrent(
  '[A30] [A31] [A36] two people read one answer as it streams; the tool that it calls waits for the other one',
  async (context) => {
    const [ada, grace] = await rooms.open(context)
    await grace.page.getByRole('list', { name: 'Here now' }).getByText('Ada').waitFor()
    await ada.composer.pressSequentially('Order a scan ')
    await grace.status.getByText('Ada is typing').waitFor()
    await ada.say('Order a scan of Note G')

    const question = grace.page.getByRole('group', { name: 'Order a scan of Note G for 40 €?' })
    await ada.status.getByText('Scout waits for a decision').waitFor()
    await question.getByRole('button', { name: 'Approve' }).click()
    await ada.last.getByText('Approved by Grace').waitFor()
    await grace.last.getByText('Approved by Grace').waitFor()

    // It comes bit by bit, and is the same for both in the end.
    const prose = ada.last.locator('.prose')
    await prose.getByText('is ordered').waitFor()
    await ada.status.getByText('Scout is answering').waitFor()
    expect(await prose.getByRole('table').count()).toBe(0)
    for (const page of [ada, grace]) await page.quiet()
    expect(await prose.getByRole('table').count()).toBe(1)
    expect(await grace.last.locator('.prose').innerText()).toBe(await prose.innerText())
    // Who was elsewhere is told how much there is to read; a screen reader, when the answer is whole.
    await grace.page
      .getByRole('log', { name: 'News' })
      .getByText('Scout: The scan of Note G')
      .waitFor({ state: 'attached' })
  },
)

test.concurrent(
  '[A32] [A33] [A34] an answer is stopped, steered, given again and forked, by whomever',
  async (context) => {
    // All of it happens in mid answer: on a busy machine that is to last longer than what is done meanwhile.
    const { url } = await AgentsServer.start({ tokensPerSecond: 10, lifetime: context.onTestFinished })
    const [ada, grace] = await openRoom(url, context)
    await ada.say('What do we know about the loom?')
    await grace.last.locator('.prose').getByText('The archive has').waitFor()
    await grace.status.getByRole('button', { name: 'Stop Scout' }).click()
    await ada.last.getByText('Grace stopped it').waitFor()
    await ada.quiet()

    await ada.say('What do we know about EDSAC?')
    await ada.last.locator('.prose').getByText('The archive has').waitFor()
    await grace.say('Keep it short')
    await ada.message('In short, then').waitFor()
    await ada.message('Keep it short').waitFor()
    await ada.quiet()

    const answer = ada.message('In short, then')
    await ada.act(answer, 'Answer again')
    await ada.last.getByText('2 of 2').waitFor()
    await ada.last.locator('.prose').waitFor()
    await ada.status.getByRole('button', { name: 'Stop Scout' }).click()
    await ada.quiet()
    await ada.last.getByRole('button', { name: 'Version before' }).click()
    await answer.getByText('1 of 2').waitFor()

    const question = ada.message('What do we know about EDSAC?').first()
    await ada.act(question, 'Edit')
    await question
      .page()
      .getByRole('textbox', { name: 'Edit the message' })
      .fill('And what about the tabulator?')
    await ada.page.keyboard.press('Enter')
    await ada.message('And what about the tabulator?').getByText('2 of 2').waitFor()
    await ada.message('In short, then').waitFor({ state: 'detached' })
    await ada.last.locator('.prose').getByText('Hollerith').first().waitFor()

    // In mid answer: the fork has what there is, and nothing goes on in it.
    await ada.page.getByRole('button', { name: 'Fork', exact: true }).click()
    await ada.page.getByRole('heading', { name: 'The opening room, forked' }).waitFor()
    await ada.message('Grace stopped it').waitFor()
    await ada.quiet()
    await grace.page.getByRole('link', { name: 'The opening room, forked' }).waitFor()
  },
)

test.concurrent(
  '[A33] what the server refuses is told, and the conversation stays as it was',
  async ({ onTestFinished }) => {
    const url = await rooms.url()
    const id = await createSession(url, 'Refused')
    const browser = await openBrowser(
      new RegExp(`${expectedErrors.source}|403 .*/sessions/${id}$`),
      onTestFinished,
    )
    const ada = await new AgentsPage(await browser.open(`${url}/?as=ada#${id}`)).ready()
    await ada.page.route(new RegExp(`/sessions/${id}$`), async (route) =>
      route.request().method() === 'POST' ? route.fulfill({ status: 403 }) : route.fallback(),
    )
    await ada.act(ada.message('I look things up in the archive'), 'Answer again')
    await ada.page.getByRole('alert').getByText('Another answer was not asked for: ').waitFor()
    await ada.message('I look things up in the archive').waitFor()
  },
)

test.concurrent(
  '[A35] the process of an agent is killed in mid answer, and another one goes on',
  async (context) => {
    // A server of its own: whoever else waits for Scout would see it killed, too.
    const { url } = await AgentsServer.start({ tokensPerSecond: 30, lifetime: context.onTestFinished })
    const [ada, grace] = await openRoom(url, context)
    await ada.say('What do we know about the loom?')
    await ada.last.locator('.prose').getByText('The archive has').waitFor()
    await grace.agent('Scout').getByRole('button', { name: 'Kill' }).click()
    await ada.agent('Scout').getByText('Stopped').waitFor()
    await ada.last.getByText('has ended in the middle').waitFor()
    await ada.agent('Scout').getByRole('button', { name: 'Start' }).click()
    await grace.last.getByText('taken over, attempt 2').waitFor()
    await ada.last.getByRole('table').waitFor()
    await ada.quiet()
    // What the first one had streamed is not there twice, and what it had looked up is not looked up again.
    expect(await ada.last.getByText('The archive has').count()).toBe(1)
    expect(await ada.last.getByRole('region', { name: 'Tool search_archive' }).count()).toBe(1)
  },
)

test.concurrent(
  '[A37] [A38] people and an agent write one text; a file is sent, shown and looked at',
  async (context) => {
    const [ada, grace] = await rooms.open(context)
    const [notes, others] = [ada, grace].map(({ page }) => page.getByRole('textbox', { name: 'Notes' }))
    if (notes === undefined || others === undefined) return
    await notes.fill('Room one')
    await valueOf(others, /^Room one$/)
    await ada.say('@quill write a caption for the loom')
    await grace.last.getByRole('button', { name: 'Plain' }).click()
    await valueOf(notes, /The Jacquard loom/)
    // The agent is still writing below, and the caret stays where the person writes.
    await others.press('Control+Home')
    await others.pressSequentially('For ')
    await valueOf(
      notes,
      /^For Room one\n\nThe Jacquard loom\nLyon, 1804\. A chain of punched cards[^]*cloth\.$/,
    )
    // It asks the other agent, whose answer calls upon nobody.
    await ada.message('It is right').waitFor()
    await ada.quiet()

    await ada.page.locator('input[type=file]').setInputFiles({
      ...{ name: 'loom.txt', mimeType: 'text/plain' },
      buffer: Buffer.from('A photograph of the loom\n'),
    })
    await ada.say('What is this?')
    await grace.message('What is this?').getByRole('link', { name: 'loom.txt' }).waitFor()
    const download = grace.page.waitForEvent('download')
    await grace.message('What is this?').getByRole('link', { name: 'loom.txt' }).click()
    expect((await download).suggestedFilename()).toBe('loom.txt')
    await grace.last.getByRole('region', { name: 'Tool read_attachment' }).waitFor()
  },
)
