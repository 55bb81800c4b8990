export { decodeStateEvent } from './decode.ts'
export type {
  CheckedDefinition,
  CollectionDefinition,
  KeySource,
  PrimaryKeyMustBeOneOf,
  PrimaryKeyOf,
} from './definition.ts'
export { errorHelp } from './error-help.ts'
export { StateError } from './errors.ts'
export type { StateErrorCode } from './errors.ts'
export { isChangeEvent, isControlEvent } from './events.ts'
export type {
  ChangeEvent,
  ChangeHeaders,
  Control,
  ControlEvent,
  ControlHeaders,
  Operation,
  StateEvent,
} from './events.ts'
export type {
  DeleteParts,
  EventHeaders,
  EventHelpers,
  KeyValueEventHelpers,
  KeyValueParts,
  UpdateParts,
  WriteParts,
} from './event-helpers.ts'
export { expectationsOf } from './expectation.ts'
export type { Expectation } from './expectation.ts'
export { fold, foldChange, foldControl, noChanges, takeChanges } from './fold.ts'
export type { Changes, TouchedRows } from './fold.ts'
export { StateIssue } from './issue.ts'
export type { IssueCode, IssueDetails } from './issue.ts'
export { eventLimits } from './limits.ts'
export type { EventLimits } from './limits.ts'
export { MaterializedState } from './materialized-state.ts'
export { setOmittedFields } from './omitted-fields.ts'
export type { FieldFilter } from './omitted-fields.ts'
export type { CollectionEventHelpers, Row, StreamStateDefinition, Value } from './published-types.ts'
export { keyValue, toInput, toValue } from './key-value.ts'
export type { KeyValueDefinition, KeyValueRow } from './key-value.ts'
export { keyOf } from './row.ts'
export { rowVersion } from './row-version.ts'
export { isSameValue } from './same-value.ts'
export { createStateSchema } from './schema.ts'
export type { CollectionWithHelpers, StateDefinition, StateSchema } from './schema.ts'
export type { InferInput, InferOutput, SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.ts'
export { setVersion, versionOf } from './state-version.ts'
export type { StateOptions } from './state-version.ts'
export { pathOf } from './standard-schema.ts'
export { isVersion, schemaVersionOf, upgradeEvent, versionHeader, withVersion } from './upgrade.ts'
export type { Migrate, SchemaUpgrade } from './upgrade.ts'
export { validateRow } from './validate.ts'
