import { expect, test } from 'vitest'
import { holdsMention, withoutCode } from '../src/work.ts'

test.each([
  ['@bot, please', true],
  ["(@bot) @bot's", true],
  ['@bots', false],
  ['@bot-2', false],
  ['me@bot.com', false],
  ['`@bot`', false],
  ['``a ` @bot``', true],
  ['a\n```sh\n@bot\n```\nb', false],
  ['```\n@bot, still in code', false],
  ['It`s @bot', true],
  ['`code` @bot `code`', true],
])('[A13] whether %j calls upon "bot": %j', (text, expected) => {
  expect(holdsMention(withoutCode(text), 'bot')).toBe(expected)
})
