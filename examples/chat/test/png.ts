import { deflateSync } from 'node:zlib'

/** Returns a picture of noise, which nothing makes smaller: three bytes a pixel. */
export function png(width: number, height: number): Buffer {
  const line = 1 + width * 3
  const pixels = Buffer.alloc(line * height)
  let noise = 1
  for (let index = 0; index < pixels.length; index += 1) {
    noise = (noise * 48_271) % 2_147_483_647
    // The first byte of a line says that it has no filter.
    pixels[index] = index % line === 0 ? 0 : noise & 0xff
  }
  const size = Buffer.alloc(8)
  size.writeUInt32BE(width, 0)
  size.writeUInt32BE(height, 4)
  // Eight bits a colour, three colours.
  const header = Buffer.concat([size, Buffer.from([8, 2, 0, 0, 0])])
  return Buffer.concat([
    ...[Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header)],
    ...[chunk('IDAT', deflateSync(pixels, { level: 1 })), chunk('IEND', Buffer.alloc(0))],
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

/** Node 20 has none. */
function crc32(bytes: Buffer): number {
  let rest = ~0
  for (const byte of bytes) {
    rest ^= byte
    for (let bit = 0; bit < 8; bit += 1) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0)
  }
  return ~rest >>> 0
}
