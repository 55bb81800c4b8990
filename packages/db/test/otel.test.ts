import { SpanStatusCode } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { eventually } from '@streamdb/testkit'
import { message, openProxied, openRoom, room, roomServer, user } from '@streamdb/testkit/rooms'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { createStreamDB } from '../src/index.ts'
import { instrument } from '../src/otel/index.ts'

afterAll(async () => (await roomServer()).stop())

/** What goes to OpenTelemetry, in memory. */
function telemetry() {
  const spans = new InMemorySpanExporter()
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const meters = new MeterProvider({ readers: [reader] })
  onTestFinished(async () => {
    await meters.shutdown()
    await tracers.shutdown()
  })
  return {
    options: { tracer: tracers.getTracer('test'), meter: meters.getMeter('test') },
    spans: () => spans.getFinishedSpans(),
    named: (name: string) => spans.getFinishedSpans().filter((span) => span.name === name),
    /** The last values of a metric. */
    async values(name: string) {
      await reader.forceFlush()
      const all =
        exporter
          .getMetrics()
          .at(-1)
          ?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? []
      const found = all.find(({ descriptor }) => descriptor.name === name)
      return found?.dataPoints.map(({ value, attributes }) => ({ value, attributes })) ?? []
    },
  }
}

describe('instrument', () => {
  test('[Q1] a load, what arrives, and a write are spans; rows, events and writes are metrics', async () => {
    const { options, named, values } = telemetry()
    const { db, append, url } = await openRoom([user('u1'), message('m1', 'u1')])
    const stop = instrument(db, { ...options, attributes: { app: 'test' } })
    await db.preload()
    expect(named('streamdb.load')).toMatchObject([
      { attributes: { app: 'test', 'streamdb.stream': url, 'streamdb.outcome': 'loaded' } },
    ])
    await append(user('u2'))
    await eventually(() => expect(named('streamdb.batch')).toHaveLength(1))
    expect(named('streamdb.batch')[0]?.attributes).toMatchObject({
      'streamdb.items': 1,
      'streamdb.offset': db.offset,
    })
    const written = db.collections.users.insert({ id: 'u3', name: 'Cy' })
    const txid = db.writeOf(written)?.txid
    await written.when('settled')
    await eventually(() => expect(named('streamdb.write')).toHaveLength(1))
    const [write] = named('streamdb.write')
    expect(write?.attributes).toMatchObject({ 'streamdb.txid': txid, 'streamdb.outcome': 'confirmed' })
    expect(write?.events.map(({ name }) => name)).toContain('acknowledged')
    const counted = await values('streamdb.rows')
    expect(counted.map(({ value, attributes }) => [attributes['streamdb.collection'], value])).toEqual([
      ['users', 3],
      ['messages', 1],
    ])
    const events = await values('streamdb.events')
    expect(events.map(({ value, attributes }) => [attributes['streamdb.type'], value])).toEqual([
      ['user', 3],
      ['message', 1],
    ])
    expect((await values('streamdb.writes.pending'))[0]?.value).toBe(0)
    expect((await values('streamdb.write.duration'))[0]?.value).toMatchObject({ count: 1 })
    expect((await values('streamdb.lag'))[0]?.value).toMatchObject({ count: 1 })
    stop()
    await append(user('u4'))
    await eventually(() => expect(db.collections.users.size).toBe(4))
    expect((await values('streamdb.events'))[0]?.value).toBe(3)
  })

  test('[Q2] what fails says so by its code, a break is counted, and closing ends what is open', async () => {
    const { options, named, values, spans } = telemetry()
    const { db, proxy } = await openProxied()
    instrument(db, options)
    await proxy.refuse()
    await eventually(() => expect(db.status.name).toBe('reconnecting'))
    await proxy.heal()
    await eventually(() => expect(db.status.name).toBe('live'))
    expect((await values('streamdb.reconnects'))[0]?.value).toBe(1)
    proxy.fault({ kind: 'blackhole' }, { of: 'writes' })
    const written = db.collections.users.insert({ id: 'u1', name: 'Ada' })
    expect((await values('streamdb.writes.pending'))[0]?.value).toBe(1)
    db.close()
    await expect(written.when('settled')).rejects.toMatchObject({ code: 'closed' })
    expect(named('streamdb.write')).toMatchObject([
      { attributes: { 'error.type': 'closed' }, status: { code: SpanStatusCode.ERROR } },
    ])
    const missing = createStreamDB({
      streamOptions: { url: `${proxy.url}/nowhere?token=secret` },
      state: room,
    })
    instrument(missing, options)
    await expect(missing.preload()).rejects.toMatchObject({ code: 'stream-not-found' })
    expect(named('streamdb.load')).toMatchObject([
      { attributes: { 'error.type': 'stream-not-found', 'streamdb.outcome': 'failed' } },
    ])
    expect(JSON.stringify(spans().map(({ attributes }) => attributes))).not.toContain('secret')
    missing.close()
  })
})
