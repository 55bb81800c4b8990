/**
 * The part of the Standard Schema interface (version 1, standardschema.dev) that is used here, spelled out so
 * that this package needs no dependency, not even for its types. Zod, Valibot and ArkType schemas fit as they are.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** A value, or issues; `issues: undefined` beside a value is a success. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly value?: undefined; readonly issues: readonly SchemaIssue[] }

/** One reason why a schema refused a value. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly PathSegment[] | undefined
}

type PathSegment = PropertyKey | { readonly key: PropertyKey }

/** What a schema takes. */
export type InferInput<Schema extends StandardSchema> = InferType<Schema, 'input'>

/** What a schema returns. */
export type InferOutput<Schema extends StandardSchema> = InferType<Schema, 'output'>

// A handwritten schema may leave out `types`; then its validate function says what it returns.
type InferType<Schema extends StandardSchema, Side extends 'input' | 'output'> =
  NonNullable<Schema['~standard']['types']> extends infer Types extends Record<Side, unknown>
    ? unknown extends Types[Side]
      ? Validated<Schema>
      : Types[Side]
    : Validated<Schema>

type Validated<Schema extends StandardSchema> =
  Extract<Awaited<ReturnType<Schema['~standard']['validate']>>, { readonly value: unknown }> extends {
    readonly value: infer Value
  }
    ? unknown extends Value
      ? Readonly<Record<string, unknown>>
      : Value
    : Readonly<Record<string, unknown>>

/** Returns the path of a schema's issue as field names, for any library. */
export function pathOf(issue: Pick<Partial<SchemaIssue>, 'path'> | undefined): string[] {
  // A segment is a name, or an object with a name (Valibot). `Array.from` takes anything else than a list, too.
  return Array.from(issue?.path ?? [], (segment) =>
    String((Object(segment) as { key?: PropertyKey }).key ?? (segment as PropertyKey)),
  )
}
