export { toUIMessage, toUIMessages } from './to-ui-messages.ts'
export type { UIMessageSource } from './to-ui-messages.ts'
export { writeUIMessageStream } from './write-ui-message-stream.ts'
export type {
  RoundContext,
  RoundSource,
  UIMessageChunks,
  WriteOptions,
  WrittenStream,
} from './write-ui-message-stream.ts'
export type { AnyChunk } from './chunk.ts'
export type { ChunkSource } from './message-chunks.ts'
export { sessionTransport, SessionTransport } from './session-transport.ts'
export type { SessionTransportOptions } from './session-transport.ts'
export type { PrepareSend } from './chat-writer.ts'
export { followChat } from './follow-chat.ts'
export type { FollowedChat } from './follow-chat.ts'
